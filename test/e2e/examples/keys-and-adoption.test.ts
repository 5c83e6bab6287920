import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAuth0Legacy, LEGACY } from "../../../demo/legacy.ts";
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
  const { clients } = world.sandbox.tenant.state;
  const id = LEGACY.auth0.clientId;
  createAuth0Legacy(world.sandbox);
  const before = await world.tenantState();
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
