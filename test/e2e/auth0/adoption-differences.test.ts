import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";

const AUDIENCE = "https://invoices.example.com/";
const CLIENT = "InvoiceExportClientMadeByHand001";
const REPORTS = "InvoiceReportClientMadeByHand002";

let world: World;
let ns: string;
beforeAll(async () => {
  world = await createWorld();
  ns = await world.namespace();
});
afterAll(async () => {
  await world.end();
});

const writes = (): readonly string[] =>
  world.sandbox.calls
    .since(0)
    .filter(({ method, path }) => method !== "GET" && path.startsWith("/api/"))
    .map(({ method, path }) => `${method} ${path}`)
    .sort();

/** As somebody made them in the dashboard, with more than any resource will name. */
function makeByHand(): void {
  const { clients, grants, resourceServers } = world.sandbox.tenant.state;
  resourceServers.set("65a000000000000000000001", {
    ...{ id: "65a000000000000000000001", identifier: AUDIENCE, name: "Invoices", allow_offline_access: true },
    ...{ token_lifetime: 86_400, token_lifetime_for_web: 7200, signing_alg: "RS256" },
    scopes: [{ value: "read:invoices", description: "Read" }, { value: "write:invoices" }],
  });
  for (const id of [CLIENT, REPORTS]) {
    clients.set(id, {
      ...{ client_id: id, client_secret: `not-a-real-secret-of-${id}`, name: id, description: "By hand" },
      ...{ app_type: "non_interactive", grant_types: ["client_credentials", "password"], is_first_party: true },
      ...{ token_endpoint_auth_method: "client_secret_post", client_metadata: { owner: "finance", tier: "gold" } },
      token_quota: { client_credentials: { enforce: true, per_hour: 10 } },
    });
    const grantId = `cgr_${id.slice(0, 16)}`;
    grants.set(grantId, { id: grantId, client_id: id, audience: AUDIENCE, scope: ["by:hand"], subject_type: "client" });
  }
}

/** The operator has listed everything before, and a write replaces both lists of scopes as a whole. */
function changeByHand(): void {
  const { grants, resourceServers } = world.sandbox.tenant.state;
  for (const [id, api] of resourceServers)
    if (api.identifier === AUDIENCE)
      resourceServers.set(id, { ...api, scopes: [...(api["scopes"] as readonly object[]), { value: "added:later" }] });
  for (const [id, grant] of grants)
    if (grant.audience === AUDIENCE) grants.set(id, { ...grant, scope: [...(grant.scope ?? []), "also:by-hand"] });
}

const seen = () => {
  const { clients, grants } = world.sandbox.tenant.state;
  return structuredClone({
    api: world.remoteApi(AUDIENCE),
    client: clients.get(CLIENT),
    reports: clients.get(REPORTS),
    grants: [...grants.values()].filter(({ audience }) => audience === AUDIENCE),
  });
};

it("what differs is patched, with one call for each object; nothing that the spec does not list is removed", async () => {
  await world.stopOperator();
  makeByHand();
  await world.startOperator();
  await world.allow({ adopt: { clients: [CLIENT, REPORTS], audiences: [AUDIENCE], shareCredential: true } });
  changeByHand();
  const before = seen();
  world.sandbox.calls.clear();

  await world.api(ns, "invoices", {
    ...{ audience: AUDIENCE, adopt: true, tokens: { lifetime: "10m" } },
    scopes: [{ name: "read:invoices", description: "Read invoices" }, { name: "delete:invoices" }],
  });
  await world.client(ns, "export", {
    ...{ clientId: CLIENT, adopt: true, displayName: "Invoice export", description: "Exports invoices" },
    ...{ metadata: { owner: "billing", team: "payroll" }, tokenQuota: { perHour: 20 } },
  });
  await world.client(ns, "reports", { clientId: REPORTS, adopt: true, metadata: { owner: "finance" } });
  const apiRef = { name: "invoices" };
  await world.grant(ns, "export", { clientRef: { name: "export" }, apiRef, scopes: ["read:invoices"] });
  await world.grant(ns, "reports", { clientRef: { name: "reports" }, apiRef, scopes: ["read:invoices"] });
  await world.ready("OAuthApi", ns, "invoices");
  for (const name of ["export", "reports"]) {
    await world.ready("ScopeGrant", ns, name);
    await world.ready("M2MClient", ns, name);
  }

  expect(writes()).toEqual([
    ...before.grants.map(({ id }) => `PATCH /api/v2/client-grants/${id}`),
    `PATCH /api/v2/clients/${CLIENT}`,
    `PATCH /api/v2/clients/${REPORTS}`,
    "PATCH /api/v2/resource-servers/65a000000000000000000001",
  ]);
  const after = seen();
  expect(after.api).toEqual({
    ...before.api,
    ...{ token_lifetime: 600, token_lifetime_for_web: 600 },
    scopes: [
      { value: "read:invoices", description: "Read invoices" },
      { value: "delete:invoices", description: "" },
      { value: "write:invoices", description: "" },
      { value: "added:later", description: "" },
    ],
  });
  const mark = expect.stringContaining("m2m1.") as string;
  expect(after.client).toEqual({
    ...before.client,
    ...{ name: "Invoice export", description: "Exports invoices" },
    client_metadata: { owner: "billing", tier: "gold", team: "payroll", m2m_operator: mark },
    token_quota: { client_credentials: { enforce: true, per_hour: 20 } },
  });
  expect(after.reports).toEqual({
    ...before.reports,
    client_metadata: { owner: "finance", tier: "gold", m2m_operator: mark },
  });
  expect(after.grants).toEqual(
    before.grants.map((grant) => ({ ...grant, scope: ["also:by-hand", "by:hand", "read:invoices"] })),
  );
  expect((await world.cluster.secret(ns, "export"))?.["scopes"]).toBe("read:invoices");
});

it("of two resources that want one client the first has it; the other is told, and takes over when it goes", async () => {
  const other = await world.namespace();
  const [before, conflict] = [seen(), "Conflict"];
  await world.client(other, "also", { clientId: CLIENT, adopt: true, displayName: "Mine" });
  const also = await world.reason("M2MClient", other, "also", conflict);
  expect(conditionOf(also, "Ready")?.message).not.toContain(ns);
  expect(seen()).toEqual(before);
  expect(await world.cluster.list("Secret", other)).toEqual([]);

  await world.client(ns, "late", { clientId: REPORTS, adopt: true });
  await world.reason("M2MClient", ns, "late", conflict);
  await world.cluster.remove("M2MClient", ns, "reports");
  await world.ready("M2MClient", ns, "late");
  await world.cluster.remove("M2MClient", ns, "export");
  await world.ready("M2MClient", other, "also");
  expect(world.remoteClient(CLIENT)).toMatchObject({ name: "Mine" });
});

it("two resources that come at the same moment end with one owner, one mark and one Secret", async () => {
  const { clients } = world.sandbox.tenant.state;
  const [first, second] = [await world.namespace(), await world.namespace()];
  const id = "ContestedClientMadeByHand0000003";
  clients.set(id, { ...required(clients.get(REPORTS)), client_id: id, client_metadata: {} });
  await world.allow({ adopt: { clients: [id, CLIENT, REPORTS], shareCredential: true } });
  world.sandbox.calls.clear();
  await Promise.all([first, second].map((where) => world.client(where, "same", { clientId: id, adopt: true })));
  const states = async () => {
    const objects = await Promise.all([first, second].map((where) => world.cluster.get("M2MClient", where, "same")));
    return objects.map((object) => conditionOf(object, "Ready")?.reason).sort();
  };
  await eventually(states, (reasons) => reasons.join() === "Conflict,Ready", "one owner");
  const secrets = (await Promise.all([first, second].map((where) => world.cluster.list("Secret", where)))).flat();
  expect(secrets.map(({ metadata }) => metadata.name).sort()).toEqual(["same", "same.m2m-state"]);
  expect(new Set(secrets.map(({ metadata }) => metadata.namespace)).size).toBe(1);
  expect(writes()).toEqual([`PATCH /api/v2/clients/${id}`]);
});

it("a grant that was there stays when all is removed, also when its client was adopted before its API", async () => {
  const { clients, grants, resourceServers } = world.sandbox.tenant.state;
  const [where, audience, id] = [
    await world.namespace(),
    "https://orders.example.com/",
    "OrderExportClientMadeByHand00004",
  ];
  const grant = { id: "cgr_OrdersMadeByHand", client_id: id, audience, scope: ["read:orders"], subject_type: "client" };
  await world.stopOperator();
  resourceServers.set("orders", {
    id: "orders",
    identifier: audience,
    name: "Orders",
    scopes: [{ value: "read:orders" }],
  });
  clients.set(id, { ...required(clients.get(REPORTS)), client_id: id, client_metadata: {} });
  grants.set(grant.id, grant);
  await world.startOperator();

  await world.allow({ adopt: { clients: [id] } });
  await world.client(where, "job", { clientId: id, adopt: true });
  await world.api(where, "orders", { audience, adopt: true, scopes: [{ name: "read:orders" }] });
  await world.grant(where, "job", { clientRef: { name: "job" }, apiRef: { name: "orders" }, scopes: ["read:orders"] });
  await world.reason("M2MClient", where, "job", "CredentialNotShared");
  await world.reason("OAuthApi", where, "orders", "NotOwned");
  const waiting = await world.reason("ScopeGrant", where, "job", "ApiNotReady");
  expect(waiting.status?.["externalId"]).toBeUndefined();
  await world.allow({ adopt: { clients: [id], audiences: [audience], shareCredential: true } });
  const { status } = await world.ready("ScopeGrant", where, "job");
  expect(status).toMatchObject({ origin: "Adopted", externalId: grant.id });

  for (const [kind, name] of [
    ["ScopeGrant", "job"],
    ["M2MClient", "job"],
    ["OAuthApi", "orders"],
  ] as const) {
    await world.cluster.remove(kind, where, name);
    await world.gone(kind, where, name);
  }
  expect(grants.get(grant.id)).toEqual(grant);
});

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the tenant lacks what the test needs");
  return value;
}
