import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";

const AUDIENCE = "https://invoices.example.com/";
const CLIENT = "LegacyInvoiceExportClientId00001";

let world: World;
let ns: string;
beforeAll(async () => {
  world = await createWorld({ provider: { managementPolicy: "ObserveOnly" } });
  ns = await world.namespace();
});
afterAll(() => world.end());

const tenant = () => world.sandbox.tenant.state;

const writes = () =>
  world.sandbox.calls
    .since(0)
    .filter(({ method, path }) => method !== "GET" && path.startsWith("/api/"))
    .map(({ method, path }) => `${method} ${path}`);

/** What its condition says it would do. */
async function previewOf(kind: string, name: string): Promise<string> {
  const object = await world.reason(kind, ns, name, "ObserveOnly");
  return /^Preview: would (.*)\. To let/.exec(conditionOf(object, "Ready")?.message ?? "")?.[1] ?? "";
}

function makeByHand(): void {
  tenant().resourceServers.set("rs1", {
    ...{ id: "rs1", identifier: AUDIENCE, name: "Invoices", token_lifetime: 3600 },
    scopes: [{ value: "read:invoices" }, { value: "write:invoices" }],
  });
  tenant().clients.set(CLIENT, {
    ...{ client_id: CLIENT, client_secret: "made-by-hand-made-by-hand-made-by-hand-made-by-hand", name: "By hand" },
    ...{ app_type: "non_interactive", grant_types: ["client_credentials"] },
    token_endpoint_auth_method: "client_secret_post",
  });
  tenant().grants.set("cgr_1", {
    ...{
      id: "cgr_1",
      client_id: CLIENT,
      audience: AUDIENCE,
      scope: ["old:thing", "read:invoices"],
      subject_type: "client",
    },
  });
}

it("says before an adoption what is written then, and nothing else", async () => {
  await world.stopOperator();
  makeByHand();
  await world.startOperator();
  await world.cluster.patch("ClusterIdentityProvider", "", world.provider, {
    spec: {
      allow: [
        {
          namespaces: { from: "All" },
          adopt: { clients: [CLIENT], audiences: [AUDIENCE], shareCredential: true },
        },
      ],
    },
  });
  await world.api(ns, "invoices", {
    ...{ audience: AUDIENCE, adopt: true, tokens: { lifetime: "10m" } },
    scopes: [{ name: "read:invoices" }, { name: "delete:invoices" }],
  });
  await world.client(ns, "export", { clientId: CLIENT, adopt: true, displayName: "Invoice export" });
  const sides = { clientRef: { name: "export" }, apiRef: { name: "invoices" } };
  await world.grant(ns, "export", { ...sides, scopes: ["read:invoices", "delete:invoices"] });

  expect(await previewOf("OAuthApi", "invoices")).toBe(
    `adopt API ${AUDIENCE}; update API ${AUDIENCE} (scopes: read:invoices write:invoices → delete:invoices read:invoices write:invoices, tokens.lifetimeSeconds: 3600 → 600)`,
  );
  expect(await previewOf("M2MClient", "export")).toBe(
    `adopt client ${CLIENT} (displayName: "By hand" → "Invoice export", write the ownership mark)`,
  );
  expect(await previewOf("ScopeGrant", "export")).toBe(
    `adopt the grant of old:thing read:invoices on ${AUDIENCE}; update the grant on ${AUDIENCE} (scopes: old:thing read:invoices → delete:invoices old:thing read:invoices)`,
  );
  expect(writes()).toEqual([]);

  await world.configure({ managementPolicy: "Full" });
  for (const [kind, name] of [
    ["OAuthApi", "invoices"],
    ["ScopeGrant", "export"],
    ["M2MClient", "export"],
  ] as const)
    await world.ready(kind, ns, name);
  expect(writes().toSorted()).toEqual([
    "PATCH /api/v2/client-grants/cgr_1",
    `PATCH /api/v2/clients/${CLIENT}`,
    "PATCH /api/v2/resource-servers/rs1",
  ]);
  // The token has more than was granted here: what was there before stays.
  const client = await world.cluster.get("M2MClient", ns, "export");
  expect(conditionOf(client, "Verified")?.status).toBe("True");
  expect([...(tenant().grants.get("cgr_1")?.scope ?? [])].sort()).toEqual([
    "delete:invoices",
    "old:thing",
    "read:invoices",
  ]);
});

it("of resources that do not exist, says what would be created", async () => {
  await world.configure({ managementPolicy: "ObserveOnly" });
  await world.api(ns, "new");
  await world.client(ns, "new", { authentication: { method: "private_key_jwt" } });
  const sides = { clientRef: { name: "new" }, apiRef: { name: "new" } };
  await world.grant(ns, "new", { ...sides, scopes: ["read:things"] });
  const audience = `https://${ns}.example.com/new`;
  expect(await previewOf("OAuthApi", "new")).toBe(`create API ${audience} with scopes read:things write:things`);
  expect(await previewOf("M2MClient", "new")).toBe('create client "new" (private_key_jwt)');
  expect(await previewOf("ScopeGrant", "new")).toBe(`grant read:things on ${audience}`);
});

it("says nothing of keys that are as they should be", async () => {
  await world.configure({ managementPolicy: "Full" });
  await world.ready("M2MClient", ns, "new");
  await world.ready("ScopeGrant", ns, "new");
  await world.configure({ managementPolicy: "ObserveOnly" });
  await world.stopOperator();
  await world.startOperator();
  world.sandbox.calls.clear();
  await world.annotate("ClusterIdentityProvider", "", world.provider, "reconcile-requested-at", "now");
  await eventually(
    () => world.cluster.get("ClusterIdentityProvider", "", world.provider),
    (provider) => provider?.status?.["lastHandledReconcileAt"] === "now",
    "a look at the tenant",
  );
  const client = await world.ready("M2MClient", ns, "new");
  expect(conditionOf(client, "Issued")?.status).toBe("True");
  expect(writes()).toEqual([]);
  await world.configure({ managementPolicy: "Full" });
});

it("says nothing of organizations that are as they should be, and of those without consent what it would take off", async () => {
  const acme = "org_AAAAAAAAAAAAAAA1";
  tenant().organizations.set(acme, { id: acme, name: "acme", display_name: "acme" });
  const sides = { clientRef: { name: "new" }, apiRef: { name: "new" } };
  await world.grant(ns, "new", {
    ...sides,
    scopes: ["read:things"],
    organizations: { usage: "Allow", names: ["acme"] },
  });
  await eventually(
    () => Promise.resolve([...tenant().grantOrganizations.values()].some((linked) => linked.has(acme))),
    (isLinked) => isLinked,
    "the organization linked",
  );
  await world.ready("ScopeGrant", ns, "new");
  await world.configure({ managementPolicy: "ObserveOnly" });
  await world.stopOperator();
  await world.startOperator();
  world.sandbox.calls.clear();
  await world.annotate("ScopeGrant", ns, "new", "reconcile-requested-at", "now");
  await eventually(
    () => world.cluster.get("ScopeGrant", ns, "new"),
    (grant) => grant?.status?.["lastHandledReconcileAt"] === "now",
    "a pass over the grant",
  );
  await world.ready("ScopeGrant", ns, "new");
  await world.allow({ organizations: [] });
  const audience = `https://${ns}.example.com/new`;
  expect(await previewOf("ScopeGrant", "new")).toBe(
    `update the grant on ${audience} (organizations.ids: ${acme} → none)`,
  );
  expect(writes()).toEqual([]);
  await world.allow({});
  await world.configure({ managementPolicy: "Full" });
  await world.ready("ScopeGrant", ns, "new");
});

it("an annotation previews one resource, and what its neighbours do goes on; consent is withdrawn all the same", async () => {
  const [owner, asker] = [await world.namespace(), await world.namespace()];
  await world.api(owner, "api", { allowedGrants: [{ namespaces: { from: "Names", names: [asker] } }] });
  await world.client(asker, "job");
  const apiRef = { name: "api", namespace: owner };
  const spec = { clientRef: { name: "job" }, apiRef, scopes: ["read:things"] };
  await world.grant(asker, "job", spec);
  await world.ready("ScopeGrant", asker, "job");
  await world.annotate("ScopeGrant", asker, "job", "observe-only", "true");
  await world.grant(asker, "job", { ...spec, scopes: ["read:things", "write:things"] });
  const audience = `https://${owner}.example.com/api`;
  const previewed = await world.reason("ScopeGrant", asker, "job", "ObserveOnly");
  expect(conditionOf(previewed, "Ready")?.message).toBe(
    `Preview: would update the grant on ${audience} (scopes: read:things → read:things write:things). To let the operator do this, remove the annotation m2m-operator.io/observe-only.`,
  );
  const held = () => [...tenant().grants.values()].filter((grant) => grant.audience === audience);
  expect(held().map(({ scope }) => scope)).toEqual([["read:things"]]);
  await world.cluster.patch("OAuthApi", owner, "api", { spec: { allowedGrants: [] } });
  await eventually(
    () => Promise.resolve(held()),
    (grants) => grants.length === 0,
    "the grant deleted with its consent",
  );
  await world.cluster.patch("OAuthApi", owner, "api", {
    spec: { allowedGrants: [{ namespaces: { from: "Names", names: [asker] } }] },
  });
  await world.annotate("ScopeGrant", asker, "job", "observe-only", null);
  await world.ready("ScopeGrant", asker, "job");
  expect(held().map(({ scope }) => [...(scope ?? [])].sort())).toEqual([["read:things", "write:things"]]);
});
