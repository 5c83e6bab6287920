import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser, kubeconfigOf } from "../../integration/admission/users.ts";
import { createWorld, type World } from "../world.ts";
import { m2m } from "./plugin.ts";

const dir = mkdtempSync(join(tmpdir(), "m2m-cli-"));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

/** A client with a secret for every API, and one with a key for the first. */
async function setUp(world: World, apis: readonly string[]): Promise<string> {
  const namespace = await world.namespace();
  for (const name of apis) await world.api(namespace, name);
  const secret = { keyStyle: "Env", keyPrefix: "OAUTH_", primaryApi: { name: "api" } };
  await world.client(namespace, "importer", { secret });
  await world.client(namespace, "signer", { authentication: { method: "private_key_jwt" } });
  const pairs = [...apis.map((api) => ["importer", api] as const), ["signer", "api"] as const];
  for (const [client, api] of pairs) {
    const refs = { clientRef: { name: client }, apiRef: { name: api } };
    await world.grant(namespace, `${client}-${api}`, { ...refs, scopes: ["read:things"] });
  }
  for (const client of ["importer", "signer"]) await world.ready("M2MClient", namespace, client);
  return namespace;
}

describe.each(["auth0", "okta"] as const)("at %s", (vendor) => {
  let world: World;
  let namespace: string;
  beforeAll(async () => {
    world = await createWorld({ vendor });
    namespace = await setUp(world, ["api", "other"]);
  });
  afterAll(() => world.end());

  it.each(["importer", "signer"])("prints header and claims of a token of %s, and checks it", async (client) => {
    const { code, stdout, stderr } = await m2m(["token", client, "-n", namespace]);
    expect(stderr).toBe("");
    expect(stdout).toContain("Valid: Signature, issuer, audience, scopes and client are correct.");
    expect(stdout).toContain(`https://${namespace}.example.com/api`);
    // No signed token.
    expect(stdout).not.toMatch(/eyJ[\w-]+\.eyJ/);
    expect(code).toBe(0);
  });

  it("--raw prints the token alone, --grant chooses the API", async () => {
    const { code, stdout } = await m2m(["token", "importer", "-n", namespace, "--grant", "importer-other", "--raw"]);
    expect(code).toBe(0);
    expect(decodeJwt(stdout.trim())).toMatchObject({ aud: `https://${namespace}.example.com/other` });
  });

  it("--curl prints the request without a credential, and requests nothing", async () => {
    const secret = await world.cluster.secret(namespace, "importer");
    const { code, stdout } = await m2m(["token", "importer", "-n", namespace, "--curl"]);
    expect(code).toBe(0);
    expect(stdout).toContain(secret?.["OAUTH_TOKEN_ENDPOINT"]);
    expect(stdout).toContain("$CLIENT_SECRET");
    expect(stdout).not.toContain(secret?.["OAUTH_CLIENT_SECRET"]);
  });

  it("verify lists every API of every client, and ends with 3 once the tenant refuses one", async () => {
    const good = await m2m(["verify", "-n", namespace, "-o", "json"]);
    const rows = JSON.parse(good.stdout) as readonly { readonly client: string; readonly result: string }[];
    expect(rows.map(({ client, result }) => `${client} ${result}`).sort()).toEqual([
      ...["importer Valid", "importer Valid", "signer Valid"],
    ]);
    expect(good.code).toBe(0);
    await world.cluster.patch("M2MClient", namespace, "signer", { spec: { enabled: false } });
    await world.ready("M2MClient", namespace, "signer");
    const bad = await m2m(["verify", "-n", namespace]);
    expect(bad.stdout).toMatch(/signer +https\S+ +Failed +\S+ refused the token request/);
    expect(bad.code).toBe(3);
    await world.cluster.patch("M2MClient", namespace, "signer", { spec: { enabled: true } });
  });

  it("needs the permission to get the Secret, and says so", async () => {
    const rules = [{ apiGroups: ["m2m-operator.io"], resources: ["m2mclients"], verbs: ["get", "list"] }];
    await (await createUser(world.cluster, namespace, "reader", rules)).close();
    writeFileSync(join(dir, "reader"), await kubeconfigOf(world.cluster, namespace, "reader"));
    const { code, stderr } = await m2m(["token", "importer", "-n", namespace], join(dir, "reader"));
    expect(stderr).toContain(`You may not get secrets in namespace ${namespace}.`);
    expect(code).toBe(1);
  });
});
