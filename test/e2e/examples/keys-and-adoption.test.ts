import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";

let world: ExampleWorld;
beforeAll(async () => {
  world = await createExampleWorld();
});
afterAll(async () => {
  await world.end();
});

async function becomesReady(
  namespace: string,
  names: Readonly<Record<"OAuthApi" | "M2MClient" | "ScopeGrant", string>>,
): Promise<void> {
  for (const [kind, name] of Object.entries(names)) await world.ready(kind, namespace, name);
  await eventually(
    () => world.cluster.get("M2MClient", namespace, names.M2MClient),
    (client) => conditionOf(client, "Verified")?.status === "True",
    "Verified",
  );
}

it("keys: a client with a key pair gets a good token, and leaves no trace", async () => {
  const before = await world.tenantState();
  await world.kubectl("apply", "-k", join(world.dir, "keys"));
  await becomesReady("keys", { OAuthApi: "ledger", M2MClient: "auditor", ScopeGrant: "auditor-reads" });
  const secret = (await world.cluster.secret("keys", "auditor-oauth")) ?? {};
  expect(secret).toMatchObject({ token_endpoint_auth_method: "private_key_jwt", signing_algorithm: "PS256" });
  expect(Object.keys(secret)).toEqual(
    expect.arrayContaining(["private_key", "key_id", "client_assertion_audience"]) as string[],
  );
  await world.kubectl("delete", "-k", join(world.dir, "keys"), "--timeout=60s");
  expect(await world.tenantState()).toEqual(before);
});

it("adoption: what was made by hand is kept from now on, and is as before when the resources go", async () => {
  const { clients, resourceServers, grants } = world.sandbox.tenant.state;
  const [id, audience] = ["LegacyInvoiceExportClientId00001", "https://legacy.example.com/invoices"];
  const scopes = [{ value: "read:invoices", description: "Read" }, { value: "write:invoices" }];
  resourceServers.set("65a000000000000000000001", { id: "65a000000000000000000001", identifier: audience, scopes });
  clients.set(id, {
    ...{ client_id: id, client_secret: "not-a-real-secret", name: "Invoice export", is_first_party: true },
    ...{ app_type: "non_interactive", grant_types: ["client_credentials"] },
    ...{ token_endpoint_auth_method: "client_secret_post", client_metadata: { owner: "finance" } },
  });
  const grantId = "cgr_LegacyLegacyLega";
  grants.set(grantId, { id: grantId, client_id: id, audience, scope: ["read:invoices"], subject_type: "client" });
  const before = await world.tenantState();
  // The operator has read the tenant as it was before this test put something there.
  await world.kubectl("annotate", "clusteridentityprovider/default", "m2m-operator.io/reconcile-requested-at=now");
  await eventually(
    () => world.cluster.get("ClusterIdentityProvider", "", "default"),
    (provider) => provider?.status?.["lastHandledReconcileAt"] === "now",
    "the tenant read again",
  );
  world.sandbox.calls.clear();
  await world.kubectl("apply", "-k", join(world.dir, "adoption"));
  const names = { OAuthApi: "invoices", M2MClient: "invoice-export", ScopeGrant: "invoice-export-reads" };
  await becomesReady("adoption", names);
  const writes = world.sandbox.calls
    .since(0)
    .filter(({ method, path }) => method !== "GET" && path.startsWith("/api/"));
  expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual([`PATCH /api/v2/clients/${id}`]);
  const secret = await world.cluster.secret("adoption", "invoice-export-oauth");
  expect(secret?.["client_secret"] === "not-a-real-secret").toBe(true);
  expect(clients.get(id)).toMatchObject({ name: "Invoice export", client_metadata: { owner: "finance" } });
  await world.kubectl("delete", "-k", join(world.dir, "adoption"), "--timeout=60s");
  expect(await world.tenantState()).toEqual(before);
}, 120_000);
