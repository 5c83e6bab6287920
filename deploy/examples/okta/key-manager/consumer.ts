/**
 * What the product does with the four files of its Secret: opens the metadata (RFC 8414) at the Metadata URI, follows it
 * to the token endpoint and asks for tokens (RFC 6749 section 4.4): one without naming a scope, one with its scopes.
 *
 * usage: node consumer.ts DIRECTORY_OF_THE_SECRET FILE_FOR_THE_FIRST_TOKEN FILE_FOR_THE_SECOND_TOKEN
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as oauth from "oauth4webapi";

const [directory = ".", defaultFile = "default-token", tokenFile = "token"] = process.argv.slice(2);
const setting = (name: string): string => readFileSync(join(directory, name), "utf8");

const metadataUri = setting("metadataUri");
// At Okta, the path of the document starts with the issuer.
const issuer = new URL(metadataUri.replace(/\/\.well-known\/oauth-authorization-server$/, ""));
const server = await oauth.processDiscoveryResponse(issuer, await fetch(metadataUri));
const client: oauth.Client = { client_id: setting("clientId") };
// As curl sends it. IDs and secrets of Okta contain no characters that need encoding.
const authentication: oauth.ClientAuth = (_server, { client_id: id }, _body, headers) => {
  headers.set("authorization", `Basic ${Buffer.from(`${id}:${setting("clientSecret")}`).toString("base64")}`);
};

async function ask(parameters: Readonly<Record<string, string>>, file: string): Promise<void> {
  const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, { ...parameters });
  const answer = await oauth.processClientCredentialsResponse(server, client, response);
  writeFileSync(file, answer.access_token, { mode: 0o600 });
  console.log(`a token with ${answer.scope ?? "no scope"} from ${server.issuer}`);
}

await ask({}, defaultFile);
await ask({ scope: setting("scopes") }, tokenFile);
