/**
 * What the product does with the four files of its Secret: reads the metadata (RFC 8414) at the well-known URL, follows
 * it to the token endpoint and asks for a token (RFC 6749 section 4.4).
 *
 * usage: node consumer.ts DIRECTORY_OF_THE_SECRET FILE_FOR_THE_TOKEN
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as oauth from "oauth4webapi";

/** The product asks for tokens for itself; Auth0 wants to know for whom a token is. */
const AUDIENCE = "KI-Scanner";

const [directory = ".", tokenFile = "token"] = process.argv.slice(2);
const setting = (name: string): string => readFileSync(join(directory, name), "utf8");

const wellKnownUrl = new URL(setting("wellKnownUrl"));
const server = await oauth.processDiscoveryResponse(new URL("/", wellKnownUrl), await fetch(wellKnownUrl));
const client: oauth.Client = { client_id: setting("clientId") };
const authentication = oauth.ClientSecretPost(setting("clientSecret"));
const parameters = { audience: AUDIENCE, scope: setting("scopes") };
const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters);
const { access_token: token, expires_in: seconds } = await oauth.processClientCredentialsResponse(
  server,
  client,
  response,
);
writeFileSync(tokenFile, token, { mode: 0o600 });
console.log(`a token for ${AUDIENCE} from ${server.issuer}, good for ${String(seconds)} s`);
