import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";

/** What a workload's Secret holds does not come and go with what is briefly not at the tenant. */
let world: World;
let ns: string;
beforeAll(async () => {
  world = await createWorld();
  ns = await world.namespace();
  await world.api(ns, "things");
  await world.client(ns, "job");
  const scopes = ["read:things"];
  await world.grant(ns, "job", { clientRef: { name: "job" }, apiRef: { name: "things" }, scopes });
  await world.ready("ScopeGrant", ns, "job");
  await world.ready("M2MClient", ns, "job");
});
afterAll(async () => {
  await world.end();
});

const grantsAtTenant = async () =>
  world.remoteGrants((await world.cluster.get("M2MClient", ns, "job"))?.status?.["clientId"]);
const isReady = async (): Promise<string | undefined> =>
  conditionOf(await world.cluster.get("ScopeGrant", ns, "job"), "Ready")?.status;
/** Every write to an object moves its version, also one that is taken back before anybody looks. */
const secretVersion = async (): Promise<string | undefined> =>
  (await world.cluster.get("Secret", ns, "job"))?.metadata.resourceVersion;

const requestRead = (value: string) => world.annotate("ScopeGrant", ns, "job", "reconcile-requested-at", value);

it.each([
  ["503", { status: 503, body: {} }],
  ["an answer that is lost", { drop: "before" }],
] as const)("a grant deleted at the tenant whose re-creation ends with %s takes no key away", async (what, effect) => {
  const before = await world.cluster.secret(ns, "job");
  const version = await secretVersion();
  expect(before).toMatchObject({ scopes: "read:things", audience: `https://${ns}.example.com/things` });
  world.sandbox.faults.add({ method: "POST", path: "^/api/v2/client-grants$", times: 1000, effect });
  for (const { id } of await grantsAtTenant()) world.sandbox.tenant.state.grants.delete(String(id));
  await requestRead(`gone ${what}`);
  await eventually(isReady, (status) => status === "False", "the ScopeGrant not Ready");
  // The client itself is looked at too, and finds nothing to publish.
  await world.annotate("M2MClient", ns, "job", "reconcile-requested-at", `gone ${what}`);
  await eventually(
    () => world.cluster.get("M2MClient", ns, "job"),
    (client) => client?.status?.["lastHandledReconcileAt"] === `gone ${what}`,
    "the client looked at",
  );
  expect(await grantsAtTenant()).toEqual([]);
  expect(await world.cluster.secret(ns, "job")).toEqual(before);
  world.sandbox.faults.clear();
  await requestRead(`back ${what}`);
  await eventually(isReady, (status) => status === "True", "the ScopeGrant Ready");
  expect(await grantsAtTenant()).toHaveLength(1);
  expect(await secretVersion()).toBe(version);
});

it("consent that is withdrawn takes the keys away", async () => {
  const owner = await world.namespace();
  await world.api(owner, "shared", { allowedGrants: [{ namespaces: { from: "Names", names: [ns] } }] });
  await world.client(ns, "guest");
  const apiRef = { name: "shared", namespace: owner };
  await world.grant(ns, "guest", { clientRef: { name: "guest" }, apiRef, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, "guest");
  expect(await world.cluster.secret(ns, "guest")).toMatchObject({ scopes: "read:things" });
  await world.api(owner, "shared", { allowedGrants: [] });
  await world.reason("ScopeGrant", ns, "guest", "NotAllowedOrMissing");
  await eventually(
    () => world.cluster.secret(ns, "guest"),
    (secret) => secret !== undefined && !("scopes" in secret),
    "the Secret without scopes",
  );
});
