/**
 * What the job of timesheets.yaml does with the Secret that it mounts: it requests a token for its API with the scopes that
 * were granted (RFC 6749 section 4.4). It works with client secrets, whatever the provider is.
 *
 * usage: node importer.ts DIRECTORY_OF_THE_SECRET FILE_FOR_THE_TOKEN
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [directory = ".", tokenFile = "token"] = process.argv.slice(2);
const setting = (name: string): string => readFileSync(join(directory, name), "utf8");

const client = { id: setting("client_id"), secret: setting("client_secret") };
// Auth0 chooses the API by the audience, Okta by the endpoint, and Keycloak by the scopes. Each ignores what it does not need.
const body = new URLSearchParams({
  grant_type: "client_credentials",
  audience: setting("audience"),
  scope: setting("scopes"),
});
const headers = new Headers();
if (setting("token_endpoint_auth_method") === "client_secret_basic") {
  const credentials = `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`;
  headers.set("authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
} else {
  body.set("client_id", client.id);
  body.set("client_secret", client.secret);
}

const response = await fetch(setting("token_endpoint"), { method: "POST", headers, body });
if (!response.ok) throw new Error(`the token endpoint answered ${String(response.status)}`);
const { access_token: token, expires_in: seconds } = (await response.json()) as {
  readonly access_token: string;
  readonly expires_in: number;
};
writeFileSync(tokenFile, token, { mode: 0o600 });
console.log(`a token for ${setting("audience")} from ${setting("issuer")}, good for ${String(seconds)} s`);
