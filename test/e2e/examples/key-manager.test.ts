import { readFileSync } from "node:fs";
import { join } from "node:path";
import { JwtVerifier } from "aws-jwt-verify";
import { fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";

let world: ExampleWorld;
beforeAll(async () => {
  world = await createExampleWorld();
});
afterAll(async () => {
  await world.end();
});

it("a product that is told client id, secret, well-known URL and scopes gets a good token, and leaves no trace", async () => {
  const before = await world.tenantState();
  const folder = join(world.dir, "key-manager");
  await world.kubectl("apply", "-k", folder);
  for (const [kind, name] of [
    ["OAuthApi", "ki-scanner"],
    ["M2MClient", "key-manager"],
    ["ScopeGrant", "key-manager-scans"],
  ] as const)
    await world.ready(kind, "key-manager", name);

  const secret = (await world.cluster.secret("key-manager", "key-manager-oauth")) ?? {};
  expect(Object.keys(secret).sort()).toEqual(["clientId", "clientSecret", "scopes", "wellKnownUrl"]);
  expect(secret["wellKnownUrl"]).toBe(`${world.sandbox.auth0.url}/.well-known/oauth-authorization-server`);
  expect(secret["scopes"]).toBe("scan:read scan:write");

  const tokenFile = join(world.dir, "key-manager-token");
  const mounted = await world.mount("key-manager", "key-manager-oauth");
  expect(await world.run("key-manager/consumer.ts", [mounted, tokenFile])).toContain("a token for KI-Scanner");
  const issuer = `${world.sandbox.auth0.url}/`;
  const verifier = JwtVerifier.create({ issuer, audience: "KI-Scanner", jwksUri: `${issuer}.well-known/jwks.json` });
  const keys = await fetch(`${issuer}.well-known/jwks.json`, { dispatcher: world.trust });
  verifier.cacheJwks((await keys.json()) as Parameters<typeof verifier.cacheJwks>[0]);
  const claims = await verifier.verify(readFileSync(tokenFile, "utf8"));
  expect(claims).toMatchObject({ scope: "scan:read scan:write", azp: secret["clientId"], gty: "client-credentials" });

  await world.kubectl("delete", "-k", folder, "--timeout=60s");
  expect(await world.tenantState()).toEqual(before);
});
