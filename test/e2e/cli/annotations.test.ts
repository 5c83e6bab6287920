import { afterAll, beforeAll, expect, it } from "vitest";
import { type AnyObject, conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";
import { m2m } from "./plugin.ts";

let world: World;
let namespace: string;
beforeAll(async () => {
  world = await createWorld({ flags: ["--max-revocations", "1"] });
  namespace = await world.namespace();
  await world.api(namespace, "api");
  await world.client(namespace, "importer", { rotation: { announce: "1s", waitForPods: "None" } });
  const refs = { clientRef: { name: "importer" }, apiRef: { name: "api" } };
  await world.grant(namespace, "reads", { ...refs, scopes: ["read:things"] });
  await world.ready("ScopeGrant", namespace, "reads");
  await world.ready("M2MClient", namespace, "importer");
});
afterAll(() => world.end());

const secretOf = async () => (await world.cluster.secret(namespace, "importer"))?.["client_secret"] ?? "";

it("rotate --wait ends when the new credential is in force and published", async () => {
  const before = await secretOf();
  const { code, stdout, stderr } = await m2m(["rotate", "importer", "-n", namespace, "--wait"]);
  expect(stderr + stdout).toContain("The new credential is in force.");
  expect(code).toBe(0);
  const after = await secretOf();
  expect(after).not.toBe(before);
  expect(stdout + stderr).not.toContain(after);
  expect(stdout + stderr).not.toContain(before);
});

it("compromised --wait leaves no older credential, and the Secret has another one", async () => {
  const before = await secretOf();
  const { code, stdout, stderr } = await m2m(["compromised", "m2mc/importer", "-n", namespace, "--wait"]);
  expect(stderr + stdout).toContain("Every older credential is revoked.");
  expect(code).toBe(0);
  expect(await secretOf()).not.toBe(before);
  const client = await world.cluster.get("M2MClient", namespace, "importer");
  expect(client?.status?.["credentials"]).toHaveLength(1);
});

it("reconcile --wait, pause --wait and resume --wait follow the operator", async () => {
  expect((await m2m(["reconcile", "oapi/api", "-n", namespace, "--wait"])).code).toBe(0);
  const paused = await m2m(["pause", "M2MClient/importer", "-n", namespace, "--wait"]);
  expect(paused).toMatchObject({ code: 0, stdout: expect.stringContaining("Reconciliation is paused.") as unknown });
  const waiting = await m2m(["reconcile", "m2mclient/importer", "-n", namespace, "--wait", "--timeout", "2s"]);
  expect(waiting).toMatchObject({ code: 3, stderr: expect.stringContaining("the timeout passed") as unknown });
  const resumed = await m2m(["resume", "m2mclients/importer", "-n", namespace, "--wait", "-o", "name"]);
  expect(resumed).toMatchObject({ code: 0, stdout: "m2mclient.m2m-operator.io/importer\n" });
});

it("confirm-revocations shows what would be deleted, and deletes it only after --yes", async () => {
  for (const name of ["one", "two"]) {
    await world.client(namespace, name);
    await world.grant(namespace, name, { clientRef: { name }, apiRef: { name: "api" }, allScopes: true });
    await world.ready("ScopeGrant", namespace, name);
  }
  expect((await m2m(["confirm-revocations", "oapi/api", "-n", namespace])).stderr).toContain(
    "waits for no confirmation",
  );
  await world.cluster.remove("OAuthApi", namespace, "api");
  await world.reason("OAuthApi", namespace, "api", "MassRevocation");
  expect((await m2m(["status", "oapi/api", "-n", namespace])).stdout).toContain(
    `If you want that: kubectl m2m confirm-revocations oauthapi/api -n ${namespace}`,
  );
  const asked = await m2m(["confirm-revocations", "oapi/api", "-n", namespace]);
  expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining("Confirm with --yes.") as unknown });
  expect(await world.cluster.get("OAuthApi", namespace, "api")).toBeDefined();
  const done = await m2m(["confirm-revocations", "oapi/api", "-n", namespace, "--yes"]);
  expect(done.code).toBe(0);
  await world.gone("OAuthApi", namespace, "api");
});

it("force-delete deletes an API whose deletion waits, and refuses one that nobody deletes", async () => {
  const api = await world.api(namespace, "second");
  await world.ready("OAuthApi", namespace, "second");
  const refused = await m2m(["force-delete", "second", "-n", namespace, "--yes"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("is not being deleted") as unknown });
  const { state } = world.sandbox.tenant;
  const audience = String(api.spec?.["audience"]);
  state.clients.set("foreign", { client_id: "foreign", client_secret: "not-a-real-secret", name: "Foreign" });
  state.grants.set("cgr_foreign", {
    ...{ id: "cgr_foreign", client_id: "foreign", audience, scope: [], subject_type: "client" },
  });
  await world.stopOperator();
  await world.startOperator();
  await world.cluster.remove("OAuthApi", namespace, "second");
  await world.reason("OAuthApi", namespace, "second", "GrantsRemain");
  const asked = await m2m(["force-delete", "second", "-n", namespace]);
  expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining("foreign") as unknown });
  const forced = await m2m(["force-delete", "second", "-n", namespace, "--yes", "--wait"]);
  expect(forced.stdout).toContain("The OAuthApi is deleted.");
  expect(forced.code).toBe(0);
});

it("confirm-orphans deletes what belongs to no resource, once it is confirmed", async () => {
  const { status } = await lostClient("lost");
  const orphaned = await eventually(
    () => world.cluster.get("ClusterIdentityProvider", "", world.provider),
    (seen) => conditionOf(seen, "AllOwned")?.reason === "OrphansFound",
    "the orphan is reported",
  );
  expect(conditionOf(orphaned, "AllOwned")?.message).toContain(String(status?.["clientId"]));
  const asked = await m2m(["confirm-orphans", world.provider]);
  expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining(String(status?.["clientId"])) as unknown });
  const done = await m2m(["confirm-orphans", `cidp/${world.provider}`, "--yes", "--wait"]);
  expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining("handles the confirmation") as unknown });
  await eventually(
    () => world.remoteClient(status?.["clientId"]),
    (client) => client === undefined,
    "the orphan is deleted",
  );
});

/** An M2MClient that is deleted behind the operator's back. */
async function lostClient(name: string): Promise<AnyObject> {
  await world.client(namespace, name);
  const client = await world.ready("M2MClient", namespace, name);
  await world.stopOperator();
  await world.cluster.patch("M2MClient", namespace, name, { metadata: { finalizers: null } });
  await world.cluster.remove("M2MClient", namespace, name);
  await world.gone("M2MClient", namespace, name);
  await world.startOperator();
  return client;
}
