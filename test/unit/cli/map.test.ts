import { expect, it } from "vitest";
import { filtered, isNamedBy } from "../../../cli/map/filter.ts";
import { mapFromResources } from "../../../cli/map/from-resources.ts";
import { withTenant } from "../../../cli/map/from-tenant.ts";
import type { TenantReading } from "../../../cli/map/tenant-reading.ts";
import { unknownName } from "../../../cli/map/unknown-name.ts";
import { objectHash } from "../../../src/ownership/owner.ts";
import { createHash } from "node:crypto";
import { api, grant, importer, NOW, RESOURCES, TENANT } from "./map-fixture.ts";
import { client, object } from "./objects.ts";

const map = mapFromResources(RESOURCES, NOW);

it("joins the ScopeGrants of one client and API, and says which scope came from which", () => {
  expect(map.access).toEqual([
    {
      ...{ client: "M2MClient billing/importer", api: "OAuthApi billing/timesheets", scopes: ["read:x", "write:x"] },
      origins: [
        { by: "ScopeGrant", namespace: "billing", name: "reads", scopes: ["read:x"] },
        { by: "ScopeGrant", namespace: "billing", name: "writes", scopes: ["write:x"] },
      ],
    },
  ]);
  expect(map.clients[0]).toMatchObject({
    ...{ tenant: TENANT, clientId: "abc", method: "client_secret_post" },
    credential: { createdAt: "2026-05-01T00:00:00Z", retiring: 1 },
  });
  expect(map.tenants).toEqual([
    {
      ...{ id: TENANT, source: "status", vendor: "auth0", providers: ["ClusterIdentityProvider/default"] },
      readAt: "2026-05-30T23:50:00Z",
    },
  ]);
});

it("tells two tenants with one host apart by the vendor, as simulated tenants have it", () => {
  const [first] = RESOURCES.providers;
  const okta = {
    ...first,
    metadata: { ...first?.metadata, name: "okta" },
    status: { ...first?.status, vendor: "okta" },
  };
  const { tenants, clients } = mapFromResources({ ...RESOURCES, providers: [first, okta] as never }, NOW);
  expect(tenants.map(({ id }) => id)).toEqual([`${TENANT} (auth0)`, `${TENANT} (okta)`]);
  expect(clients[0]?.tenant).toBe(`${TENANT} (auth0)`);
});

it("a ScopeGrant that was not granted gives no access, and one of the audience alone does", () => {
  const grants = [grant("pending", undefined), grant("audience", [], { apiRef: undefined, externalAudience: "urn:x" })];
  const { access, apis } = mapFromResources({ ...RESOURCES, grants }, NOW);
  expect(access.map(({ api: id, scopes }) => [id, scopes])).toEqual([[`${TENANT} urn:x`, []]]);
  expect(apis.map(({ audience }) => audience)).toEqual(["https://timesheets", "urn:x"]);
});

it("takes what it may not read from the status of the two sides, and what nobody requested from the client", () => {
  const grants = [
    { namespace: "payroll", name: "elsewhere", client: "robot", scopes: ["read:x"] },
    { namespace: "billing", name: "reads", client: "importer", scopes: ["read:x"] },
  ];
  const listed = { spec: { audience: "https://timesheets" }, status: { tenant: TENANT, grants, grantCount: 3 } };
  const told = client({
    status: {
      ...importer.status,
      grants: [{ name: "hidden", uid: "1", api: "payroll/wages", scopes: ["pay"] }],
      unmanagedGrants: [{ externalId: "g", audience: "https://timesheets", scopes: ["admin"], since: NOW }],
    },
  });
  const { access, notes } = mapFromResources(
    { ...RESOURCES, apis: [api("timesheets", listed)], clients: [told], grants: [grant("reads", ["read:x"])] },
    NOW,
  );
  expect(access.map((one) => [one.client, one.api, one.origins.map(({ by, name }) => [by, name])])).toEqual([
    [
      ...["M2MClient billing/importer", "OAuthApi billing/timesheets"],
      [
        ["ScopeGrant", "reads"],
        ["Tenant", undefined],
      ],
    ],
    ["M2MClient payroll/robot", "OAuthApi billing/timesheets", [["ScopeGrant", "elsewhere"]]],
    ["M2MClient billing/importer", "OAuthApi payroll/wages", [["ScopeGrant", "hidden"]]],
  ]);
  expect(notes).toEqual([expect.stringContaining("not shown: 1 ScopeGrants for OAuthApi billing/timesheets")]);
});

it("a grant for all clients is one client of its own, and a disabled client has a restriction", () => {
  const off = object<(typeof RESOURCES.clients)[number]>("M2MClient", "off", { spec: { enabled: false } });
  const { access, clients } = mapFromResources(
    {
      ...RESOURCES,
      clients: [off],
      grants: [grant("all", ["read:x"], { clientRef: undefined, allClients: true })],
    },
    NOW,
  );
  expect(access[0]?.client).toBe(`${TENANT} *`);
  expect(clients.map(({ name, isEveryone, restriction }) => [name, isEveryone, restriction])).toEqual([
    ["off", undefined, "spec.enabled is false"],
    ["all clients", true, undefined],
  ]);
});

const READING: TenantReading = {
  ...{ tenant: TENANT, vendor: "auth0", readAt: NOW, notes: [] },
  apis: [
    { ref: "api-timesheets", audience: "https://timesheets", displayName: "Timesheets", restriction: undefined },
    { ref: "api-9", audience: "https://crm", displayName: "CRM", restriction: "denied" },
  ],
  clients: [
    { ref: "abc", clientId: "abc", displayName: "x", method: undefined, ownerHash: undefined, restriction: undefined },
    {
      ref: "old",
      clientId: "old",
      displayName: "Old script",
      method: "client_secret_post",
      ownerHash: undefined,
      restriction: undefined,
    },
    {
      ref: "spa",
      clientId: "spa",
      displayName: "Web",
      method: undefined,
      ownerHash: undefined,
      restriction: undefined,
    },
  ],
  callers: [
    { client: "abc", api: "api-timesheets", scopes: ["read:x", "admin"], everyScope: false, organizations: undefined },
    { client: "old", api: "api-9", scopes: [], everyScope: true, organizations: { usage: "Require", ids: ["org_1"] } },
    { client: "gone", api: "api-9", scopes: ["x"], everyScope: false, organizations: undefined },
  ],
};

it("the tenant decides what there is, and the ScopeGrants who requested it", () => {
  const read = withTenant(map, RESOURCES, READING, () => true);
  expect(read.access).toEqual([
    {
      ...{ client: "M2MClient billing/importer", api: "OAuthApi billing/timesheets", scopes: ["admin", "read:x"] },
      origins: [
        { by: "ScopeGrant", namespace: "billing", name: "reads", scopes: ["read:x"] },
        { by: "Tenant", scopes: ["admin"] },
      ],
    },
    {
      ...{ client: `${TENANT} old`, api: `${TENANT} api-9`, scopes: [], everyScope: true },
      organizations: { usage: "Require", any: false, ids: ["org_1"] },
      origins: [{ by: "Tenant", scopes: [] }],
    },
  ]);
  // An application of people that may call nothing is left out.
  expect(read.clients.map(({ name }) => name)).toEqual(["importer", "Old script"]);
  expect(read.apis.map(({ name, restriction }) => [name, restriction])).toEqual([
    ["timesheets", undefined],
    ["CRM", "denied"],
  ]);
  expect(read.notes).toEqual(["lost: ScopeGrant billing/writes (the tenant does not grant write:x)"]);
  expect(read.tenants[0]).toMatchObject({ source: "tenant", readAt: NOW });
});

it("says that it does not know where access comes from when the ScopeGrants were not read", () => {
  const { access } = withTenant(map, RESOURCES, READING, () => false);
  expect(access[0]?.origins[1]).toEqual({ by: "Unknown", scopes: ["admin"] });
  // A client without a mark is no resource's.
  expect(access[1]?.origins).toEqual([{ by: "Tenant", scopes: [] }]);
});

it("finds a client of a namespace that was not read by its mark, once", () => {
  const grants = [{ namespace: "payroll", name: "elsewhere", client: "robot", scopes: ["read:x"] }];
  const listed = api("timesheets", {
    spec: { audience: "https://timesheets" },
    status: { tenant: TENANT, externalId: "api-timesheets", grants, grantCount: 1 },
  });
  const resources = { ...RESOURCES, apis: [listed], clients: [], grants: [] };
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const ownerHash = objectHash("M2MClient", "payroll", "robot", sha256);
  const facts = { displayName: "robot", method: undefined, ownerHash, restriction: undefined };
  const { clients, access } = withTenant(
    mapFromResources(resources, NOW),
    resources,
    {
      ...READING,
      clients: ["r1", "r2"].map((ref) => ({ ref, clientId: ref, ...facts })),
      callers: ["r1", "r2"].map((ref) => ({
        ...{ client: ref, api: "api-timesheets", scopes: ["read:x"], everyScope: false, organizations: undefined },
      })),
    },
    () => true,
  );
  expect(clients.map(({ id, clientId }) => [id, clientId])).toEqual([
    ["M2MClient payroll/robot", "r1"],
    [`${TENANT} r2`, "r2"],
  ]);
  expect(access.map(({ origins }) => origins.map(({ by }) => by))).toEqual([["ScopeGrant"], ["Tenant"]]);
});

it("filters by client, API, scope and namespace", () => {
  const rows = (filter: Parameters<typeof filtered>[1]) =>
    filtered(map, filter).access.map(({ scopes, origins }) => [scopes.join(" "), origins.length]);
  expect(rows({})).toEqual([["read:x write:x", 2]]);
  expect(rows({ scope: "read:*" })).toEqual([["read:x", 1]]);
  expect(rows({ client: "abc", api: "https://*" })).toEqual([["read:x write:x", 2]]);
  expect(rows({ client: "other" })).toEqual([]);
  expect(rows({ namespace: "billing" })).toHaveLength(1);
  expect(filtered(map, { namespace: "payroll" })).toMatchObject({ access: [], clients: [], apis: [] });
  expect(isNamedBy("a.c", ["abc"])).toBe(false);
});

it("names what is nearest to a filter that nothing has", () => {
  expect(unknownName(map, { client: "imprter" })).toEqual({
    message: 'No client "imprter" is in the map.',
    advice: 'Did you mean "importer"?',
  });
  expect(unknownName(map, { client: "none*", api: "billing/timesheets" })).toBeUndefined();
});
