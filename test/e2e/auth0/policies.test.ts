import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type AnyObject, conditionOf, eventually } from "../../integration/cluster.ts";
import { ANNOTATIONS, type Confirmation } from "../../../src/kinds/schema/annotations.ts";
import { confirmed } from "../confirmed.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ flags: ["--max-revocations", "3"] });
});
afterEach(async () => {
  await world.allow({});
});
afterAll(async () => {
  await world.end();
});

const writes = (): readonly string[] =>
  world.sandbox.calls
    .since(0)
    .filter(({ method, path }) => method !== "GET" && path.startsWith("/api/"))
    .map(({ method, path }) => `${method} ${path}`);

async function slice(ns: string, name: string): Promise<void> {
  await world.api(ns, name);
  await world.client(ns, name);
  await world.grant(ns, name, { clientRef: { name }, apiRef: { name }, scopes: ["read:things"] });
}

const messageOf = async (kind: string, ns: string, name: string): Promise<string> =>
  conditionOf(await world.cluster.get(kind, ns, name), "Ready")?.message ?? "";

it("ObserveOnly reads and reports: no Secret, no write; Full goes on from there", async () => {
  const ns = await world.namespace();
  await world.configure({ managementPolicy: "ObserveOnly" });
  world.sandbox.calls.clear();
  await slice(ns, "watched");
  await world.reason("OAuthApi", ns, "watched", "ObserveOnly");
  await world.reason("M2MClient", ns, "watched", "ObserveOnly");
  expect(await messageOf("M2MClient", ns, "watched")).toContain("create client");
  expect(writes()).toEqual([]);
  expect(await world.cluster.list("Secret", ns)).toEqual([]);
  expect((await world.cluster.get("OAuthApi", ns, "watched"))?.metadata.finalizers).toBeUndefined();

  await world.configure({ managementPolicy: "Full" });
  await world.ready("ScopeGrant", ns, "watched");
  await world.configure({ managementPolicy: "ObserveOnly" });
  await world.ready("OAuthApi", ns, "watched");
  await world.api(ns, "watched", { displayName: "Another name" });
  await world.reason("OAuthApi", ns, "watched", "ObserveOnly");
  expect(await messageOf("OAuthApi", ns, "watched")).toContain('(displayName: "watched" → "Another name")');
  world.sandbox.calls.clear();
  for (const kind of ["ScopeGrant", "M2MClient", "OAuthApi"]) {
    await world.cluster.remove(kind, ns, "watched");
    await world.gone(kind, ns, "watched");
  }
  expect(writes()).toEqual([]);
  expect(world.remoteApi(`https://${ns}.example.com/watched`)).toBeDefined();
  await world.configure({ managementPolicy: "Full" });
});

it("an operator that only observes asks for no permission to write and for none to read keys", async () => {
  const { state } = world.sandbox.tenant;
  const grant = required([...state.grants.values()].find(({ client_id: id }) => id === world.sandbox.auth0.clientId));
  const before = grant.scope ?? [];
  await world.stopOperator();
  await world.cluster.patch("ClusterIdentityProvider", "", world.provider, {
    spec: { managementPolicy: "ObserveOnly" },
  });
  grant.scope = before.filter((scope) => /^read:(clients|resource_servers|client_grants)$/.test(scope));
  await world.startOperator();
  await world.ready("ClusterIdentityProvider", "", world.provider);
  const ns = await world.namespace();
  await world.client(ns, "seen");
  await world.reason("M2MClient", ns, "seen", "ObserveOnly");
  grant.scope = before;
  await world.configure({ managementPolicy: "Full" });
  await world.ready("M2MClient", ns, "seen");
});

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the tenant lacks what the test needs");
  return value;
}

/** Whether the object waits for this confirmation. */
const asksFor = (object: AnyObject | undefined, value: string): boolean =>
  ((object?.status?.["pendingConfirmations"] ?? []) as readonly Confirmation[]).some((each) => each.value === value);

const digestIn = (message: string): string => /confirm-revocations: "([0-9a-f]{16})"/.exec(message)?.[1] ?? "";

it("more revocations at once than allowed wait for a confirmation that names these grants", async () => {
  const ns = await world.namespace();
  const names = ["a", "b", "c", "d", "e"];
  const grants = () => world.sandbox.tenant.state.grants.size;
  const confirm = (value: string) =>
    world.annotate("ClusterIdentityProvider", "", world.provider, "confirm-revocations", value);
  const label = (value: string | null) =>
    world.cluster.patch("Namespace", "", ns, { metadata: { labels: { world: value } } });
  await Promise.all(names.map((name) => slice(ns, name)));
  for (const name of names) await world.ready("ScopeGrant", ns, name);
  const count = grants();
  await world.allow({ namespaces: { from: "Names", names: ["nobody"] } });
  for (const name of names) await world.reason("ScopeGrant", ns, name, "MassRevocation");
  expect(grants()).toBe(count);
  const digest = digestIn(await messageOf("ScopeGrant", ns, "a"));
  const told = await eventually(
    () => world.cluster.get("ClusterIdentityProvider", "", world.provider),
    (object) => conditionOf(object, "RevocationsHeld")?.reason === "MassRevocation",
    "the owner told",
  );
  expect(conditionOf(told, "RevocationsHeld")?.message).toMatch(/5 grants/);
  expect(digestIn(conditionOf(told, "RevocationsHeld")?.message ?? "")).toBe(digest);
  expect((await world.cluster.secret(ns, "a"))?.["scopes"]).toBe("read:things");
  await confirm("1");
  await world.ready("ClusterIdentityProvider", "", world.provider);
  expect(grants()).toBe(count);
  expect(await confirmed(world, required(told), ANNOTATIONS.confirmRevocations)).toMatchObject({ value: digest });
  for (const name of names) await world.reason("ScopeGrant", ns, name, "NotAllowedOrMissing");
  expect(grants()).toBe(count - names.length);
  await eventually(
    () => world.cluster.get("ClusterIdentityProvider", "", world.provider),
    (object) => conditionOf(object, "RevocationsHeld") === undefined && !asksFor(object, digest),
    "nothing left of it to confirm",
  );
  // Given again, the same client IDs work.
  await world.allow({});
  for (const name of names) await world.ready("ScopeGrant", ns, name);
  expect(grants()).toBe(count);
  // A label withdraws consent too, without an edit of the provider: what was confirmed before says nothing about it.
  await label(null);
  for (const name of names) await world.reason("ScopeGrant", ns, name, "MassRevocation");
  expect(grants()).toBe(count);
  const next = digestIn(await messageOf("ScopeGrant", ns, "a"));
  expect(next).not.toBe(digest);
  await confirm(next);
  for (const name of names) await world.reason("ScopeGrant", ns, name, "NotAllowedOrMissing");
  expect(grants()).toBe(count - names.length);
  await label(world.provider);
  for (const name of names) await world.ready("ScopeGrant", ns, name);
});

it("an API that no longer allows a few others loses those grants at once", async () => {
  const [owner, asker] = [await world.namespace(), await world.namespace()];
  const allowedGrants = [{ namespaces: { from: "Names", names: [asker] } }];
  await world.api(owner, "shared", { allowedGrants });
  await world.client(asker, "job");
  await world.grant(asker, "job", {
    clientRef: { name: "job" },
    apiRef: { name: "shared", namespace: owner },
    scopes: ["read:things"],
  });
  await world.ready("ScopeGrant", asker, "job");
  const clientId = (await world.cluster.get("M2MClient", asker, "job"))?.status?.["clientId"];
  expect(world.remoteGrants(clientId)).toHaveLength(1);
  await world.api(owner, "shared", { allowedGrants: [] });
  await world.reason("ScopeGrant", asker, "job", "NotAllowedOrMissing");
  expect(world.remoteGrants(clientId)).toEqual([]);
});

it("ScopeGrants of one client and API are one revocation, and one withdrawal does not hold another's", async () => {
  const [owner, asker, other] = [await world.namespace(), await world.namespace(), await world.namespace()];
  const allow = (...names: readonly string[]) =>
    world.api(owner, "shared", {
      allowedGrants: names.length === 0 ? [] : [{ namespaces: { from: "Names", names } }],
    });
  await allow(asker, other);
  const apiRef = { name: "shared", namespace: owner };
  const request = async (ns: string, client: string, name: string): Promise<void> => {
    await world.client(ns, client, { secret: { primaryGrant: `${client}-0` } });
    await world.grant(ns, name, { clientRef: { name: client }, apiRef, scopes: ["read:things"] });
  };
  const onApi = () =>
    [...world.sandbox.tenant.state.grants.values()].filter(({ audience }) => audience.includes(owner)).length;
  for (const index of [0, 1, 2, 3, 4]) await request(asker, "one", `one-${String(index)}`);
  for (const client of ["a", "b", "c", "d"]) await request(other, client, `${client}-0`);
  for (const index of [0, 1, 2, 3, 4]) await world.ready("ScopeGrant", asker, `one-${String(index)}`);
  for (const client of ["a", "b", "c", "d"]) await world.ready("ScopeGrant", other, `${client}-0`);
  expect(onApi()).toBe(5);
  await allow(asker);
  for (const client of ["a", "b", "c", "d"]) await world.reason("ScopeGrant", other, `${client}-0`, "MassRevocation");
  await allow();
  await world.reason("ScopeGrant", asker, "one-0", "NotAllowedOrMissing");
  expect(onApi()).toBe(4);
  const held = await eventually(
    () => world.cluster.get("OAuthApi", owner, "shared"),
    (object) => conditionOf(object, "RevocationsHeld")?.message.includes("4 grants") === true,
    "the API's owner told",
  );
  await confirmed(world, required(held), ANNOTATIONS.confirmRevocations);
  for (const client of ["a", "b", "c", "d"])
    await world.reason("ScopeGrant", other, `${client}-0`, "NotAllowedOrMissing");
  expect(onApi()).toBe(0);
  await eventually(
    () => world.cluster.get("OAuthApi", owner, "shared"),
    (object) => conditionOf(object, "RevocationsHeld") === undefined,
    "nothing held any more",
  );
});

it("grants that no ScopeGrant asked for are listed, and removed only by Prune and only when all is settled", async () => {
  const ns = await world.namespace();
  await slice(ns, "job");
  await world.api(ns, "other");
  await world.ready("OAuthApi", ns, "other");
  await world.ready("ScopeGrant", ns, "job");
  const clientId = String((await world.cluster.get("M2MClient", ns, "job"))?.status?.["clientId"]);
  const byHand = (id: string, audience: string): void => {
    world.sandbox.tenant.state.grants.set(id, { id, client_id: clientId, audience, scope: [], subject_type: "client" });
  };
  byHand("cgr_byHandbyHandbyHa", `https://${ns}.example.com/other`);
  byHand("cgr_ownApiownApiownA", `https://${world.sandbox.auth0.domain}/api/v2/`);
  const user = { id: "cgr_useruseruseruse", client_id: clientId, audience: `https://${ns}.example.com/job` };
  world.sandbox.tenant.state.grants.set(user.id, { ...user, scope: ["read:things"], subject_type: "user" });
  await world.annotate("M2MClient", ns, "job", "reconcile-requested-at", "1");
  const listed = await eventually(
    () => world.cluster.get("M2MClient", ns, "job"),
    (object) => ((object?.status?.["unmanagedGrants"] as object[] | undefined) ?? []).length === 2,
    "both listed",
  );
  expect(JSON.stringify(listed?.status?.["unmanagedGrants"])).not.toContain(user.id);
  await world.client(ns, "job", { unmanagedGrants: { policy: "Prune", after: "1m" } });
  await world.ready("M2MClient", ns, "job");
  expect(world.sandbox.tenant.state.grants.has("cgr_byHandbyHandbyHa")).toBe(true);
  // An hour later by status, as the operator itself would have written it.
  const past = new Date(Date.now() - 3_600_000).toISOString();
  const client = required(await world.cluster.get("M2MClient", ns, "job"));
  const { unmanagedGrants } = client.status as { unmanagedGrants: object[] };
  const earlier = { ...client.status, unmanagedGrants: unmanagedGrants.map((grant) => ({ ...grant, since: past })) };
  await world.stopOperator();
  await world.cluster.connection.request({
    method: "PATCH",
    path: `/apis/m2m-operator.io/v1alpha1/namespaces/${ns}/m2mclients/job/status`,
    contentType: "application/merge-patch+json",
    body: { status: { ...earlier, proof: await world.proofOf(client, earlier) } },
  });
  await world.startOperator();
  await eventually(
    () => world.sandbox.tenant.state.grants.has("cgr_byHandbyHandbyHa"),
    (isThere) => !isThere,
    "the one by hand pruned",
  );
  expect(world.sandbox.tenant.state.grants.has("cgr_ownApiownApiownA")).toBe(true);
  expect(world.sandbox.tenant.state.grants.has(user.id)).toBe(true);
  world.sandbox.tenant.state.grants.delete("cgr_ownApiownApiownA");
});

it("of two grants that say otherwise the earlier one wins, and the later is told which and in what", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api");
  await world.client(ns, "job");
  const refs = { clientRef: { name: "job" }, apiRef: { name: "api" } };
  await world.grant(ns, "first", { ...refs, scopes: ["read:things"], organizations: { usage: "Allow" } });
  await world.ready("ScopeGrant", ns, "first");
  // Times of creation are whole seconds.
  const created = Date.parse(
    (required(await world.cluster.get("ScopeGrant", ns, "first")).metadata as { creationTimestamp?: string })
      .creationTimestamp ?? "",
  );
  await eventually(
    () => Date.now(),
    (now) => now > created + 1000,
    "the next second",
  );
  await world.grant(ns, "later", { ...refs, scopes: ["write:things"], organizations: { usage: "Require" } });
  await world.reason("ScopeGrant", ns, "later", "Conflict");
  expect(await messageOf("ScopeGrant", ns, "later")).toMatch(/\/first .*spec\.organizations\.usage/);
  const clientId = (await world.cluster.get("M2MClient", ns, "job"))?.status?.["clientId"];
  expect(world.remoteGrants(clientId)).toMatchObject([{ scope: ["read:things"], organization_usage: "allow" }]);
  // A client that agrees with the winner need not agree with the loser.
  await world.grant(ns, "third", { ...refs, scopes: ["read:things"], organizations: { usage: "Allow" } });
  await world.ready("ScopeGrant", ns, "third");
  await world.cluster.remove("ScopeGrant", ns, "third");
  await world.gone("ScopeGrant", ns, "third");
  await world.grant(ns, "later", { ...refs, scopes: ["write:things"], organizations: { usage: "Allow" } });
  await world.ready("ScopeGrant", ns, "later");
  expect(world.remoteGrants(clientId)).toMatchObject([{ scope: ["read:things", "write:things"] }]);
});

it("paused, nothing is done; a disabled client gets no token and keeps everything else", async () => {
  const ns = await world.namespace();
  await slice(ns, "job");
  await world.ready("ScopeGrant", ns, "job");
  await world.annotate("M2MClient", ns, "job", "paused", "true");
  await eventually(
    () => world.cluster.get("M2MClient", ns, "job"),
    (object) => conditionOf(object, "Ready")?.reason === "Paused",
    "Paused",
  );
  world.sandbox.calls.clear();
  await world.client(ns, "job", { displayName: "Renamed", enabled: false });
  expect(writes()).toEqual([]);
  const secret = await world.cluster.secret(ns, "job");
  await world.annotate("M2MClient", ns, "job", "paused", null);
  const client = await world.ready("M2MClient", ns, "job");
  expect(world.remoteClient(client.status?.["clientId"])).toMatchObject({ name: "Renamed", grant_types: [] });
  expect(await world.cluster.secret(ns, "job")).toEqual(secret);
  expect(world.remoteGrants(client.status?.["clientId"])).toHaveLength(1);
  expect(conditionOf(client, "Verified")).toMatchObject({ status: "Unknown", reason: "CannotVerify" });
});
