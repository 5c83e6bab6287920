import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.end();
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const putCredential = (ns: string, name: string, secret: string, id = world.sandbox.auth0.clientId) =>
  world.cluster.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: ns },
    data: { client_id: base64(id), client_secret: base64(secret) },
  });

const putProvider = (ns: string, name: string, domain = world.sandbox.auth0.domain, driftInterval = "10m") =>
  world.cluster.apply(
    world.resource("IdentityProvider", ns, name, {
      auth0: { domain },
      driftInterval,
      credentialsSecretRef: { name },
      caBundle: world.sandbox.caPem,
      rateLimit: { requestsPerMinute: 60_000, burst: 2000, sharePercent: 100 },
    }),
  );

it("a missing credentials Secret is named, and picked up at once when it comes", async () => {
  const ns = await world.namespace();
  await putProvider(ns, "late");
  const provider = await world.reason("IdentityProvider", ns, "late", "CredentialsMissing");
  expect(conditionOf(provider, "Ready")?.message).toContain("/late does not exist");
  await putCredential(ns, "late", world.sandbox.auth0.clientSecret);
  await world.ready("IdentityProvider", ns, "late");
});

it("keys that are missing in the Secret are named", async () => {
  const ns = await world.namespace();
  await world.cluster.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "half", namespace: ns },
    data: { client_id: base64("x") },
  });
  await putProvider(ns, "half");
  const provider = await world.reason("IdentityProvider", ns, "half", "CredentialsInvalid");
  expect(conditionOf(provider, "Ready")?.message).toContain("client_secret");
});

it("a wrong credential is said in plain words, without a hot loop, and a corrected one is picked up", async () => {
  const ns = await world.namespace();
  await putCredential(ns, "wrong", "not-the-secret");
  world.sandbox.calls.clear();
  await putProvider(ns, "wrong");
  const provider = await world.reason("IdentityProvider", ns, "wrong", "CredentialsInvalid");
  expect(conditionOf(provider, "Stalled")?.status).toBe("True");
  expect(conditionOf(provider, "Authenticated")?.status).toBe("False");
  expect(world.sandbox.calls.since(0).filter((call) => call.path === "/oauth/token").length).toBeLessThan(5);
  await putCredential(ns, "wrong", world.sandbox.auth0.clientSecret);
  await world.ready("IdentityProvider", ns, "wrong");
});

it("a host that the operator's configuration does not allow is never asked", async () => {
  const ns = await world.namespace();
  await putCredential(ns, "elsewhere", "not-a-real-secret");
  await putProvider(ns, "elsewhere", "attacker.example.com");
  const provider = await world.reason("IdentityProvider", ns, "elsewhere", "InvalidRequest");
  expect(conditionOf(provider, "Ready")?.message).toContain("--allowed-hosts");
});

it("permissions that are missing at the tenant are named, and found when they were granted", async () => {
  const ns = await world.namespace();
  const { state, domain } = world.sandbox.tenant;
  const id = "limited000000000000000000000000x";
  const scope = ["read:clients", "create:clients"];
  state.clients.set(id, {
    client_id: id,
    client_secret: "not-a-real-secret",
    name: "limited",
    app_type: "non_interactive",
    grant_types: ["client_credentials"],
    is_first_party: true,
  });
  const grant = {
    id: "cgr_limited000000000",
    client_id: id,
    audience: `https://${domain}/api/v2/`,
    scope,
    subject_type: "client",
  };
  state.grants.set(grant.id, grant);
  await putCredential(ns, "limited", "not-a-real-secret", id);
  await putProvider(ns, "limited", domain, "1h");
  const provider = await world.reason("IdentityProvider", ns, "limited", "PermissionsMissing");
  expect(provider.status?.["missingPermissions"]).toContain("delete:clients");
  expect(provider.status?.["missingPermissions"]).not.toContain("create:clients");
  grant.scope = world.sandbox.tenant.state.grants.values().next().value?.scope ?? [];
  // Else within a minute.
  await world.annotate("IdentityProvider", ns, "limited", "reconcile-requested-at", "granted");
  await world.ready("IdentityProvider", ns, "limited");
});

it("a read that is requested of a tenant that fails is tried without a hot loop, and done once it answers", async () => {
  const ns = await world.namespace();
  await putCredential(ns, "failing", world.sandbox.auth0.clientSecret);
  await putProvider(ns, "failing", world.sandbox.auth0.domain, "1h");
  await world.ready("IdentityProvider", ns, "failing");
  world.sandbox.faults.add({ path: "^/api/v2/", times: 1_000_000, effect: { status: 503 } });
  world.sandbox.calls.clear();
  const begun = performance.now();
  await world.annotate("IdentityProvider", ns, "failing", "reconcile-requested-at", "now");
  const listings = () => world.sandbox.calls.since(0).filter((call) => call.path === "/api/v2/resource-servers");
  await eventually(listings, (calls) => calls.length >= 3, "three tries");
  expect(performance.now() - begun, "three tries without a pause").toBeGreaterThan(1000);
  world.sandbox.faults.clear();
  await eventually(
    () => world.cluster.get("IdentityProvider", ns, "failing"),
    (provider) => provider?.status?.["lastHandledReconcileAt"] === "now",
    "the request answered",
  );
  await world.ready("IdentityProvider", ns, "failing");
});

it("a grant whose client and API do not exist says so and does not touch the tenant", async () => {
  const ns = await world.namespace();
  await world.grant(ns, "void", { clientRef: { name: "nobody" }, apiRef: { name: "nothing" }, allScopes: true });
  const grant = await eventually(
    () => world.cluster.get("ScopeGrant", ns, "void"),
    (object) => conditionOf(object, "Ready") !== undefined,
    "a condition",
  );
  expect(conditionOf(grant, "Ready")?.status).toBe("False");
  expect(conditionOf(grant, "Reconciling")?.status).toBe("True");
  await world.cluster.remove("ScopeGrant", ns, "void");
  await world.gone("ScopeGrant", ns, "void");
});

it("metrics carry controller-runtime's names, and the process says that it is well", async () => {
  const { metricsPort } = world.operator();
  const metrics = await (await fetch(`http://127.0.0.1:${String(metricsPort)}/metrics`)).text();
  for (const name of [
    "controller_runtime_reconcile_total",
    "workqueue_depth",
    "leader_election_master_status",
    "rest_client_requests_total",
    "m2m_operator_provider_requests_total",
  ])
    expect(metrics).toContain(name);
  expect((await fetch(`http://127.0.0.1:${String(metricsPort)}/healthz`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${String(metricsPort)}/readyz`)).status).toBe(200);
});
