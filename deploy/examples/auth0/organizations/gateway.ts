/**
 * A gateway with a JWT authorizer, configured only from the API's ConfigMap: it lets requests for known organizations
 * pass and tells the service behind it for which one they are.
 *
 * usage: node gateway.ts DIRECTORY_OF_THE_CONFIGMAP URL_OF_THE_SERVICE ORGANIZATION_ID…
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { JwtVerifier } from "aws-jwt-verify";

const [directory = ".", upstream = "", ...organizations] = process.argv.slice(2);
const setting = (name: string): string => readFileSync(join(directory, name), "utf8");

const verifier = JwtVerifier.create({
  issuer: setting("issuer"),
  audience: setting("audience"),
  jwksUri: setting("jwks_uri"),
});
const keys = await fetch(setting("jwks_uri"));
verifier.cacheJwks((await keys.json()) as Parameters<typeof verifier.cacheJwks>[0]);

/** The organization of a good token; `undefined` when the token is not good. */
async function organizationOf({ headers }: IncomingMessage): Promise<string | undefined> {
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "";
  try {
    const { org_id: organization } = await verifier.verify(token);
    return typeof organization === "string" ? organization : "";
  } catch {
    return undefined;
  }
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const organization = await organizationOf(request);
  if (organization === undefined) response.writeHead(401).end();
  else if (!organizations.includes(organization)) response.writeHead(403).end();
  else {
    const answer = await fetch(new URL(request.url ?? "/", upstream), { headers: { "x-org-id": organization } });
    response.writeHead(answer.status).end(await answer.text());
  }
}

const server = createServer((request, response) => {
  void handle(request, response).catch(() => response.writeHead(502).end());
});
server.listen(0, "127.0.0.1", () => {
  console.log(String((server.address() as AddressInfo).port));
});
