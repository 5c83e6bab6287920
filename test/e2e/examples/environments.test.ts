import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { JwtVerifier } from "aws-jwt-verify";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { visibleState } from "../../../sandbox/admin.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";

const ENVIRONMENTS = [
  { name: "dev", audience: "https://orders.dev.example.com/", lifetime: 600 },
  { name: "test", audience: "https://orders.test.example.com/", lifetime: 1800 },
  { name: "prod", audience: "https://orders.example.com/", lifetime: 3600 },
] as const;
type Environment = (typeof ENVIRONMENTS)[number];

const RESOURCES = [
  ["OAuthApi", "orders"],
  ["M2MClient", "shop"],
  ["ScopeGrant", "shop-orders"],
] as const;

const ORIGINALS = join(import.meta.dirname, "../../../deploy/examples/auth0/environments/overlays");

let world: ExampleWorld;
/** A tenant of its own for each. */
const tenants = new Map<string, { readonly sandbox: Sandbox; readonly trust: Agent }>();
const tenantOf = ({ name }: Pick<Environment, "name">) => {
  const tenant = tenants.get(name);
  if (tenant === undefined) throw new Error(`there is no tenant for ${name}`);
  return tenant;
};
beforeAll(async () => {
  const sandboxes = await Promise.all(ENVIRONMENTS.map(() => startSandbox()));
  world = await createExampleWorld("auth0", {}, sandboxes);
  for (const [index, { name }] of ENVIRONMENTS.entries()) {
    const sandbox = sandboxes[index];
    if (sandbox === undefined) throw new Error(`there is no sandbox for ${name}`);
    tenants.set(name, { sandbox, trust: new Agent({ connect: { ca: sandbox.caPem } }) });
    useSandbox(overlayOf({ name }), sandbox);
    const { clientId: client_id, clientSecret: client_secret } = sandbox.auth0;
    await world.cluster.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace: "m2m-system", name: `auth0-${name}` },
      stringData: { client_id, client_secret },
    });
  }
});
afterAll(async () => {
  for (const environment of ENVIRONMENTS) await remove(environment);
  await world.end();
  for (const { sandbox, trust } of tenants.values()) {
    await trust.close();
    await sandbox.close();
  }
});

const overlayOf = ({ name }: Pick<Environment, "name">): string => join(world.dir, "environments", "overlays", name);

const remove = (environment: Environment): Promise<string> =>
  world.kubectl("delete", "-k", overlayOf(environment), "--timeout=60s", "--ignore-not-found");

/** A simulated tenant, with the authority of its certificate, in place of the environment's own. */
function useSandbox(overlay: string, { auth0, caPem }: Sandbox): void {
  for (const name of readdirSync(overlay).filter((file) => file.endsWith(".yaml"))) {
    const path = join(overlay, name);
    // Not the rewritten one, in which all environments share a tenant.
    const text = readFileSync(join(ORIGINALS, basename(overlay), name), "utf8");
    const ca = caPem.trimEnd().split("\n").join("\n    ");
    const [domain, bundle] = [auth0.domain, `  caBundle: |\n    ${ca}\n  credentialsSecretRef: {`];
    writeFileSync(
      path,
      text.replaceAll(/acme-\w+\.eu\.auth0\.com/g, domain).replaceAll("  credentialsSecretRef: {", bundle),
    );
  }
}

interface Access {
  readonly token: string;
  readonly clientId: string;
}

async function accessOf({ name, audience }: Environment): Promise<Access> {
  const secret = (await world.cluster.secret(`environments-${name}`, "shop-oauth")) ?? {};
  expect(secret["audience"]).toBe(audience);
  const clientId = secret["client_id"] ?? "";
  const response = await fetch(secret["token_endpoint"] ?? "", {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: secret["client_secret"] ?? "",
      audience,
    }),
    dispatcher: tenantOf({ name }).trust,
  });
  expect(response.status).toBe(200);
  return { token: ((await response.json()) as { access_token: string }).access_token, clientId };
}

/** What the order service of an environment checks. */
async function verifierOf(environment: Environment) {
  const { audience } = environment;
  const { sandbox, trust } = tenantOf(environment);
  const issuer = `${sandbox.auth0.url}/`;
  const jwksUri = `${issuer}.well-known/jwks.json`;
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri });
  const keys = await fetch(jwksUri, { dispatcher: trust });
  verifier.cacheJwks((await keys.json()) as Parameters<typeof verifier.cacheJwks>[0]);
  return verifier;
}

async function becomesReady({ name }: Environment): Promise<void> {
  await world.ready("ClusterIdentityProvider", "", name);
  for (const [kind, resource] of RESOURCES) {
    const object = await world.ready(kind, `environments-${name}`, resource);
    if (kind !== "ScopeGrant") expect(object.spec?.["providerRef"]).toMatchObject({ name });
  }
}

it("one set of manifests gives three environments their own provider, audience and lifetime, and leaves no trace", async () => {
  const states = () => ENVIRONMENTS.map((environment) => visibleState(tenantOf(environment).sandbox.tenant));
  const before = structuredClone(states());
  for (const environment of ENVIRONMENTS) await world.kubectl("apply", "-k", overlayOf(environment));
  await Promise.all(ENVIRONMENTS.map(becomesReady));

  for (const environment of ENVIRONMENTS) {
    const { token, clientId } = await accessOf(environment);
    const claims = await (await verifierOf(environment)).verify(token);
    expect(claims).toMatchObject({ client_id: clientId, scope: "read:orders write:orders", aud: environment.audience });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(environment.lifetime);
    for (const other of ENVIRONMENTS.filter(({ name }) => name !== environment.name))
      await expect((await verifierOf(other)).verify(token)).rejects.toThrow(/issuer|audience|signature/i);
  }

  await Promise.all(ENVIRONMENTS.map(remove));
  for (const { name } of ENVIRONMENTS)
    expect(await world.cluster.get("ClusterIdentityProvider", "", name)).toBeUndefined();
  expect(states()).toEqual(before);
}, 120_000);

it("the consent of one environment's tenant does not reach another environment", async () => {
  const [dev, test] = ENVIRONMENTS;
  await world.kubectl("apply", "-k", overlayOf(dev));
  await world.kubectl("apply", "-k", overlayOf(test));
  await Promise.all([becomesReady(dev), becomesReady(test)]);
  await world.cluster.apply({
    apiVersion: "m2m-operator.io/v1alpha1",
    kind: "M2MClient",
    metadata: { name: "stray", namespace: `environments-${dev.name}` },
    spec: { providerRef: { kind: "ClusterIdentityProvider", name: test.name } },
  });
  await world.reason("M2MClient", `environments-${dev.name}`, "stray", "NotAllowedOrMissing");
  await Promise.all([remove(dev), remove(test)]);
}, 120_000);
