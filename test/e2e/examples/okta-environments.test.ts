import { join } from "node:path";
import { Agent } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { visibleOrg } from "../../../sandbox/okta/admin.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import { askToken } from "../okta/token.ts";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";
import { claimsOf } from "./okta-token.ts";

interface Environment {
  readonly name: string;
  readonly audience: string;
  readonly lifetime: number;
  /** An org of its own. */
  readonly sandbox: Sandbox;
  readonly trust: Agent;
}

let world: ExampleWorld;
const environments: Environment[] = [];

async function started(name: string, host: string, lifetime: number): Promise<Environment> {
  const sandbox = await startSandbox();
  const trust = new Agent({ connect: { ca: sandbox.caPem } });
  return { name, audience: `https://${host}/`, lifetime, sandbox, trust };
}

beforeAll(async () => {
  environments.push(
    await started("dev", "orders.dev.example.com", 600),
    await started("test", "orders.test.example.com", 1800),
    await started("prod", "orders.example.com", 3600),
  );
  world = await createExampleWorld(
    "okta",
    Object.fromEntries(environments.map(({ name, sandbox }) => [`https://acme-${name}.okta.com`, sandbox])),
    environments.map(({ sandbox }) => sandbox),
  );
  for (const { name, sandbox } of environments)
    await world.cluster.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace: "m2m-system", name: `okta-${name}` },
      stringData: { api_token: sandbox.okta.apiToken },
    });
});
afterAll(async () => {
  for (const environment of environments) await remove(environment);
  await world.end();
  for (const { sandbox, trust } of environments) {
    await trust.close();
    await sandbox.close();
  }
});

const overlayOf = ({ name }: Environment): string => join(world.dir, "environments", "overlays", name);

const remove = (environment: Environment): Promise<string> =>
  world.kubectl("delete", "-k", overlayOf(environment), "--timeout=60s", "--ignore-not-found");

async function becomesReady({ name }: Environment): Promise<void> {
  await world.ready("ClusterIdentityProvider", "", `okta-${name}`);
  await world.ready("OAuthApi", `environments-okta-${name}`, "orders");
  await world.ready("ScopeGrant", `environments-okta-${name}`, "shop-orders");
}

async function tokenOf({ name, sandbox }: Environment): Promise<{ token: string; wellKnownUrl: string }> {
  const secret = (await world.cluster.secret(`environments-okta-${name}`, "shop-oauth")) ?? {};
  const { status, body } = await askToken(secret, sandbox.caPem, secret["scopes"]);
  expect(status).toBe(200);
  return { token: String(body["access_token"]), wellKnownUrl: secret["well_known_url"] ?? "" };
}

it("one set of manifests gives three environments an org, an audience and a lifetime each, and leaves no trace", async () => {
  const states = () => environments.map(({ sandbox }) => visibleOrg(sandbox.org));
  const before = structuredClone(states());
  for (const environment of environments) await world.kubectl("apply", "-k", overlayOf(environment));
  await Promise.all(environments.map(becomesReady));
  for (const environment of environments) {
    const { token, wellKnownUrl } = await tokenOf(environment);
    const claims = await claimsOf(environment, wellKnownUrl, environment.audience, token);
    expect(claims["scp"]).toEqual(["read:orders", "write:orders"]);
    expect(Number(claims.exp) - Number(claims.iat)).toBe(environment.lifetime);
    for (const other of environments.filter((candidate) => candidate !== environment)) {
      const { wellKnownUrl: otherUrl } = await tokenOf(other);
      await expect(claimsOf(other, otherUrl, other.audience, token)).rejects.toThrow(/issuer|audience|key|kid|jwk/i);
    }
  }
  await Promise.all(environments.map(remove));
  expect(states()).toEqual(before);
}, 120_000);
