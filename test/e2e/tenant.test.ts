import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  // Short, so that a refresh of the tenant comes while a test waits.
  world = await createWorld({ driftInterval: "10s" });
});
afterAll(async () => {
  await world.end();
});

const tenant = () => world.sandbox.tenant.state;
const apiAt = (audience: string) => [...tenant().resourceServers.values()].find((api) => api.identifier === audience);
const grantsFor = (audience: string) => [...tenant().grants.values()].filter((grant) => grant.audience === audience);
const clientNamed = (name: string) => [...tenant().clients.values()].filter((client) => client["name"] === name);

const setUp = async (name: string): Promise<{ ns: string; audience: string }> => {
  const ns = await world.namespace();
  await world.api(ns, name);
  await world.client(ns, name, { displayName: `${name} ${ns}` });
  await world.grant(ns, name, { clientRef: { name }, apiRef: { name }, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, name);
  return { ns, audience: `https://${ns}.example.com/${name}` };
};

it("what is changed or deleted behind the operator's back is put right within the drift interval", async () => {
  const { ns, audience } = await setUp("drifting");
  const [client] = clientNamed(`drifting ${ns}`);
  Object.assign(apiAt(audience) ?? {}, { scopes: [{ value: "read:things", description: "Read things" }] });
  Object.assign(client ?? {}, { name: "Somebody renamed it", grant_types: ["client_credentials", "implicit"] });
  for (const grant of grantsFor(audience)) tenant().grants.delete(grant.id);
  await eventually(
    () => apiAt(audience)?.["scopes"],
    (scopes) => (scopes as object[]).length === 2,
    "scopes",
  );
  await eventually(
    () => grantsFor(audience).map((grant) => grant.scope),
    (scopes) => JSON.stringify(scopes) === '[["read:things"]]',
    "the grant",
  );
  await eventually(
    () => clientNamed(`drifting ${ns}`)[0]?.["grant_types"],
    (types) => JSON.stringify(types) === '["client_credentials"]',
    "the client",
  );
});

it("a secret that was changed at the tenant by hand is published", async () => {
  const { ns } = await setUp("rotated");
  const [client] = clientNamed(`rotated ${ns}`);
  Object.assign(client ?? {}, { client_secret: "not-a-real-secret-chosen-by-hand" });
  await eventually(
    () => world.cluster.secret(ns, "rotated"),
    (secret) => secret?.["client_secret"] === "not-a-real-secret-chosen-by-hand",
    "the new secret",
  );
  await world.ready("M2MClient", ns, "rotated");
});

it("an API of others with the same audience is not touched, and says NotOwned", async () => {
  const ns = await world.namespace();
  const audience = `https://${ns}.example.com/theirs`;
  tenant().resourceServers.set("0123456789abcdef01234567", {
    id: "0123456789abcdef01234567",
    identifier: audience,
    name: "Theirs",
  });
  await world.api(ns, "theirs");
  const api = await world.reason("OAuthApi", ns, "theirs", "NotOwned");
  expect(conditionOf(api, "Stalled")?.status).toBe("True");
  expect(apiAt(audience)?.["name"]).toBe("Theirs");
  await world.cluster.remove("OAuthApi", ns, "theirs");
  await world.gone("OAuthApi", ns, "theirs");
  expect(apiAt(audience)).toBeDefined();
});

it("an answer that never came leads to exactly one object, for clients and for APIs", async () => {
  const ns = await world.namespace();
  world.sandbox.faults.add({ method: "POST", path: "^/api/v2/clients$", effect: { drop: "after" } });
  world.sandbox.faults.add({ method: "POST", path: "^/api/v2/resource-servers$", effect: { drop: "after" } });
  await world.client(ns, "ghost", { displayName: `ghost ${ns}` });
  await world.api(ns, "ghost");
  await world.ready("M2MClient", ns, "ghost");
  await world.ready("OAuthApi", ns, "ghost");
  expect(clientNamed(`ghost ${ns}`)).toHaveLength(1);
  expect(await world.cluster.secret(ns, "ghost")).toHaveProperty("client_secret");
});

it("an error before anything was done is tried again", async () => {
  const ns = await world.namespace();
  world.sandbox.faults.add({ method: "POST", path: "^/api/v2/clients$", times: 2, effect: { status: 503, body: {} } });
  await world.client(ns, "stubborn", { displayName: `stubborn ${ns}` });
  await world.ready("M2MClient", ns, "stubborn");
  expect(clientNamed(`stubborn ${ns}`)).toHaveLength(1);
});

it("objects keep Ready through an outage of the tenant", async () => {
  const { ns } = await setUp("steady");
  const before = await world.cluster.get("M2MClient", ns, "steady");
  world.sandbox.faults.add({ path: "^/api/v2/", times: 1000, effect: { status: 502, body: {} } });
  await world.cluster.patch("M2MClient", ns, "steady", {
    metadata: { annotations: { "m2m-operator.io/reconcile-requested-at": "now" } },
  });
  const seen = world.sandbox.calls.since(0).at(-1)?.n ?? 0;
  await eventually(
    () => world.sandbox.calls.since(seen).some((call) => call.status === 502),
    (isSeen) => isSeen,
    "a look that failed",
  );
  expect(conditionOf(await world.cluster.get("M2MClient", ns, "steady"), "Ready")).toEqual(
    conditionOf(before, "Ready"),
  );
  world.sandbox.faults.clear();
});

it("a tenant that shows what was made only after a while, and loses an answer, ends with one of each", async () => {
  const ns = await world.namespace();
  const { knobs, state } = world.sandbox.tenant;
  knobs.readYourWritesDelayMs = 1500;
  world.sandbox.faults.add({ method: "POST", path: "/api/v2/clients$", effect: { drop: "after" } });
  await world.api(ns, "slow");
  await world.client(ns, "slow");
  await world.grant(ns, "slow", { clientRef: { name: "slow" }, apiRef: { name: "slow" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "slow");
  const { metadata } = await world.ready("M2MClient", ns, "slow");
  knobs.readYourWritesDelayMs = 0;
  const marked = [...state.clients.values()].filter((client) =>
    JSON.stringify(client["client_metadata"] ?? {}).includes(metadata.uid ?? "?"),
  );
  expect(marked).toHaveLength(1);
  expect([...state.grants.values()].filter(({ client_id: id }) => id === marked[0]?.client_id)).toHaveLength(1);
});
