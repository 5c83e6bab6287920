import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";

/** What people want to find later of what happened at the tenant or was taken away. */
let world: World;
let ns: string;
beforeAll(async () => {
  world = await createWorld();
  ns = await world.namespace();
  await slice("job");
});
afterAll(() => world.end());

async function slice(name: string): Promise<void> {
  await world.api(ns, name);
  await world.client(ns, name);
  await world.grant(ns, name, { clientRef: { name }, apiRef: { name }, scopes: ["read:things"] });
  for (const kind of ["OAuthApi", "M2MClient", "ScopeGrant"]) await world.ready(kind, ns, name);
}

const eventsOf = async (kind: string, name: string, reason: string, where = ns): Promise<readonly string[]> =>
  (
    (await world.cluster.list("Event", where)) as unknown as readonly {
      readonly type: string;
      readonly reason: string;
      readonly note: string;
      readonly regarding: { readonly kind: string; readonly name: string };
    }[]
  )
    .filter((event) => event.regarding.kind === kind && event.regarding.name === name && event.reason === reason)
    .map(({ type, note }) => `${type} ${note}`);

const told = (kind: string, name: string, reason: string): Promise<readonly string[]> =>
  eventually(
    () => eventsOf(kind, name, reason),
    (events) => events.length > 0,
    `${reason} of ${kind} ${name}`,
  );

let reads = 0;
const readAgain = async (kind: string, name: string): Promise<void> => {
  const asked = `read-${String(reads++)}`;
  await world.annotate(kind, ns, name, "reconcile-requested-at", asked);
  await eventually(
    () => world.cluster.get(kind, ns, name),
    (object) => object?.status?.["lastHandledReconcileAt"] === asked,
    `${kind} ${name} read again`,
  );
};

const clientIdOf = async (name: string): Promise<string> =>
  String((await world.cluster.get("M2MClient", ns, name))?.status?.["clientId"]);
const audienceOf = (name: string): string => `https://${ns}.example.com/${name}`;

it("a client that was deleted at the tenant", async () => {
  await slice("gone");
  const former = await clientIdOf("gone");
  world.sandbox.tenant.state.clients.delete(former);
  await readAgain("M2MClient", "gone");
  const [note, ...others] = await told("M2MClient", "gone", "Recreated");
  const clientId = await eventually(
    () => clientIdOf("gone"),
    (id) => id !== former,
    "the new client ID",
  );
  expect(others).toEqual([]);
  expect(note).toBe(
    `Warning Client ${former} was deleted at the provider. The operator created client ${clientId} in place of it. Secret ${ns}/gone gets its client ID and credential. Restart workloads that read it only at their start. Replace the old client ID wherever else it is used.`,
  );
  await eventually(
    () => world.cluster.secret(ns, "gone"),
    (secret) => secret?.["client_id"] === clientId,
    "the Secret of the new client",
  );
});

it("an API that was changed, and then deleted, at the tenant", async () => {
  await slice("api");
  Object.assign(world.remoteApi(audienceOf("api")) ?? {}, { token_lifetime: 60, name: "Renamed" });
  await readAgain("OAuthApi", "api");
  expect(await told("OAuthApi", "api", "DriftReverted")).toEqual([
    `Normal The API ${audienceOf("api")} was changed at the provider: displayName. The operator restored what the spec says.`,
  ]);
  const { resourceServers, grants } = world.sandbox.tenant.state;
  for (const [id, grant] of grants) if (grant.audience === audienceOf("api")) grants.delete(id);
  resourceServers.delete(String(world.remoteApi(audienceOf("api"))?.["id"]));
  await readAgain("OAuthApi", "api");
  const [note] = await told("OAuthApi", "api", "Recreated");
  expect(note).toContain(`Warning The API ${audienceOf("api")} was deleted at the provider.`);
  await readAgain("ScopeGrant", "api");
  expect(await told("ScopeGrant", "api", "Recreated")).toHaveLength(1);
});

it("a credential that somebody replaced", async () => {
  await slice("replaced");
  Object.assign(world.remoteClient(await clientIdOf("replaced")) ?? {}, { client_secret: "by-hand-".repeat(6) });
  await readAgain("M2MClient", "replaced");
  const [note] = await told("M2MClient", "replaced", "CredentialChanged");
  expect(note).toMatch(/^Warning Somebody changed the credential of client /);
  expect(note).not.toContain("by-hand");
});

it("the Secret with the operator's state that somebody deleted", async () => {
  await slice("lost");
  const before = (await world.cluster.secret(ns, "lost"))?.["client_secret"];
  await world.cluster.remove("Secret", ns, "lost.m2m-state");
  expect(await told("M2MClient", "lost", "StateLost")).toEqual([
    `Normal Secret ${ns}/lost.m2m-state, in which the operator keeps the credential of client ${await clientIdOf("lost")}, was lost. The operator stored the same credential again.`,
  ]);
  await world.ready("M2MClient", ns, "lost");
  expect((await world.cluster.secret(ns, "lost"))?.["client_secret"] === before).toBe(true);
});

it("consent that was withdrawn, from a resource that is paused, too", async () => {
  const owner = await world.namespace();
  const allowed = [{ namespaces: { from: "Names", names: [ns] } }];
  await world.api(owner, "shared", { allowedGrants: allowed });
  const apiRef = { name: "shared", namespace: owner };
  for (const name of ["all", "paused"]) {
    await world.client(ns, name);
    await world.grant(ns, name, { clientRef: { name }, apiRef, allScopes: true });
    await world.ready("ScopeGrant", ns, name);
  }
  await world.annotate("ScopeGrant", ns, "paused", "paused", "true");
  await world.reason("ScopeGrant", ns, "paused", "Paused");
  await world.api(owner, "shared", { allowedGrants: [{ ...allowed[0], scopes: ["read:things"] }] });
  const [some] = await told("ScopeGrant", "all", "GrantLost");
  expect(some).toContain(`Warning M2MClient ${ns}/all lost write:things on https://${owner}.example.com/shared.`);
  await world.ready("ScopeGrant", ns, "all");
  await world.api(owner, "shared", { allowedGrants: [] });
  await eventually(
    () => eventsOf("ScopeGrant", "paused", "GrantLost"),
    (events) => events.some((note) => note.includes("read:things")),
    "the loss of the paused one",
  );
});

it("another misspelt scope", async () => {
  const spec = (...scopes: string[]) => ({ clientRef: { name: "job" }, apiRef: { name: "job" }, scopes });
  await world.grant(ns, "misspelt", spec("read:thing"));
  await world.reason("ScopeGrant", ns, "misspelt", "UnknownScopes");
  await eventually(
    () => eventsOf("ScopeGrant", "misspelt", "UnknownScopes"),
    (events) => events.length === 1,
    "the first mistake told",
    60_000,
  );
  await world.grant(ns, "misspelt", spec("read:thing", "wirte:things"));
  const notes = await eventually(
    () => eventsOf("ScopeGrant", "misspelt", "UnknownScopes"),
    (events) => events.length === 2,
    "the second mistake told",
    60_000,
  );
  expect(notes.filter((note) => note.includes("wirte:things"))).toHaveLength(1);
}, 120_000);

it("an adopted API that was deleted at the tenant is not created again, and that is told", async () => {
  await world.allow({ adopt: { audiences: ["*"] } });
  const { resourceServers } = world.sandbox.tenant.state;
  await slice("template");
  const template = world.remoteApi(audienceOf("template")) ?? {};
  const adopted = { ...template, id: "adopted", identifier: audienceOf("adopted"), name: "Theirs" };
  resourceServers.set("adopted", adopted);
  await world.api(ns, "adopted", { adopt: true });
  await world.ready("OAuthApi", ns, "adopted");
  resourceServers.delete("adopted");
  await world.annotate("OAuthApi", ns, "adopted", "reconcile-requested-at", "deleted");
  const api = await eventually(
    () => world.cluster.get("OAuthApi", ns, "adopted"),
    (object) => conditionOf(object, "Stalled")?.reason === "NotOwned",
    "the API missed",
    60_000,
  );
  expect(conditionOf(api, "Ready")?.message).toContain(audienceOf("adopted"));
  expect(await told("OAuthApi", "adopted", "NotOwned")).toEqual([expect.stringMatching(/^Warning /)]);
  expect(world.remoteApi(audienceOf("adopted"))).toBeUndefined();
}, 120_000);
