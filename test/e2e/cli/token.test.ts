import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createUser, kubeconfigOf } from "../../integration/admission/users.ts";
import { createWorld, type World } from "../world.ts";
import { m2m } from "./plugin.ts";

let worlds: readonly [World, World];
const namespaces = new Map<World, string>();
const dir = mkdtempSync(join(tmpdir(), "m2m-cli-"));

beforeAll(async () => {
  worlds = [await createWorld(), await createWorld({ vendor: "okta" })];
  for (const world of worlds) {
    const namespace = await world.namespace();
    namespaces.set(world, namespace);
    const apiNames = world === worlds[0] ? ["api", "other"] : ["api"];
    for (const name of apiNames) await world.api(namespace, name);
    await world.client(namespace, "importer", {
      secret: { keyStyle: "Env", keyPrefix: "OAUTH_", primaryApi: { name: "api" } },
    });
    await world.client(namespace, "signer", { authentication: { method: "private_key_jwt" } });
    for (const [client, api] of [...apiNames.map((name) => ["importer", name] as const), ["signer", "api"] as const])
      await world.grant(namespace, `${client}-${api}`, {
        ...{ clientRef: { name: client }, apiRef: { name: api } },
        scopes: ["read:things"],
      });
    for (const client of ["importer", "signer"]) await world.ready("M2MClient", namespace, client);
  }
});
afterAll(async () => {
  for (const world of worlds) await world.end();
  rmSync(dir, { recursive: true });
});

it.each([
  [0, "importer"],
  [0, "signer"],
  [1, "importer"],
  [1, "signer"],
] as const)("vendor %i: prints header and claims of a token of %s, and checks it", async (at, client) => {
  const namespace = namespaces.get(worlds[at]) ?? "";
  const { code, stdout, stderr } = await m2m(["token", client, "-n", namespace]);
  expect(stderr).toBe("");
  expect(stdout).toContain("Valid: Signature, issuer, audience, scopes and client are correct.");
  expect(stdout).toContain(`https://${namespace}.example.com/api`);
  expect(stdout).not.toMatch(/eyJ[\w-]+\.eyJ/);
  expect(code).toBe(0);
});

it("--raw prints the token alone, --grant chooses the API", async () => {
  const namespace = namespaces.get(worlds[0]) ?? "";
  const { code, stdout } = await m2m(["token", "importer", "-n", namespace, "--grant", "importer-other", "--raw"]);
  expect(code).toBe(0);
  expect(decodeJwt(stdout.trim())).toMatchObject({
    aud: `https://${namespace}.example.com/other`,
    scope: "read:things",
  });
});

it("--curl prints the request without a credential, and requests nothing", async () => {
  const namespace = namespaces.get(worlds[0]) ?? "";
  const secret = await worlds[0].cluster.secret(namespace, "importer");
  const { code, stdout } = await m2m(["token", "importer", "-n", namespace, "--curl"]);
  expect(code).toBe(0);
  expect(stdout).toContain(secret?.["OAUTH_TOKEN_ENDPOINT"]);
  expect(stdout).toContain("$CLIENT_SECRET");
  expect(stdout).not.toContain(secret?.["OAUTH_CLIENT_SECRET"]);
});

it("verify lists every API of every client, and ends with 3 once the tenant refuses one", async () => {
  const [world] = worlds;
  const namespace = namespaces.get(world) ?? "";
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
  const [world] = worlds;
  const namespace = namespaces.get(world) ?? "";
  const rules = [{ apiGroups: ["m2m-operator.io"], resources: ["m2mclients"], verbs: ["get", "list"] }];
  await (await createUser(world.cluster, namespace, "reader", rules)).close();
  writeFileSync(join(dir, "reader"), await kubeconfigOf(world.cluster, namespace, "reader"));
  const { code, stderr } = await m2m(["token", "importer", "-n", namespace], join(dir, "reader"));
  expect(stderr).toContain(`You may not get secrets in namespace ${namespace}.`);
  expect(code).toBe(1);
});
