import { afterAll, beforeAll, expect, it } from "vitest";
import { admin, conditionOf } from "../integration/cluster.ts";
import { OPERATORS } from "../integration/operator-access.ts";
import { createWorld, type World } from "./world.ts";

// The operator holds a Role in two namespaces and one for its Lease, and no ClusterRole at all.
let world: World;
let watched: string;
let neighbour: string;
let unwatched: string;
const providerRef = { kind: "IdentityProvider", name: "tenant" };

beforeAll(async () => {
  const cluster = admin();
  [watched, neighbour, unwatched] = [
    await cluster.createNamespace({ team: "payroll" }),
    await cluster.createNamespace({ team: "billing" }),
    await cluster.createNamespace({ team: "payroll" }),
  ];
  await cluster.close();
  world = await createWorld({ watch: [watched, neighbour] });
  for (const namespace of [watched, neighbour, unwatched]) await provider(namespace);
});
afterAll(async () => {
  await world.cluster.remove("Namespace", "", unwatched);
  await world.end();
});

async function provider(namespace: string): Promise<void> {
  const { auth0, caPem } = world.sandbox;
  await world.cluster.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "tenant", namespace },
    stringData: { client_id: auth0.clientId, client_secret: auth0.clientSecret },
  });
  const spec = { auth0: { domain: auth0.domain }, credentialsSecretRef: { name: "tenant" }, caBundle: caPem };
  const rateLimit = { requestsPerMinute: 60_000, burst: 2000, sharePercent: 100 };
  await world.cluster.apply(world.resource("IdentityProvider", namespace, "tenant", { ...spec, rateLimit }));
}

/** As the API server judges it, without a request of the operator's user. */
async function mayReadSecrets(namespace: string): Promise<boolean> {
  const { user } = OPERATORS.namespaced;
  const { status } = await world.cluster.connection.request<{ readonly status: { readonly allowed: boolean } }>({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user, resourceAttributes: { namespace, resource: "secrets", verb: "get" } },
    },
  });
  return status.allowed;
}

/** As the API server makes it, before any operator has seen the resource. */
const UNSEEN = { observedGeneration: -1 };

it("in its namespaces an operator without any ClusterRole does everything, from provider to Secret", async () => {
  await world.ready("IdentityProvider", watched, "tenant");
  await world.api(watched, "things", { providerRef, configMap: { name: "things-oauth" } });
  await world.client(watched, "importer", { providerRef });
  const scopes = ["read:things"];
  await world.grant(watched, "reads", { clientRef: { name: "importer" }, apiRef: { name: "things" }, scopes });
  await world.ready("ScopeGrant", watched, "reads");
  expect(await world.cluster.secret(watched, "importer")).toMatchObject({ scopes: "read:things" });
  expect(await world.cluster.get("ConfigMap", watched, "things-oauth")).toBeDefined();
});

it("consent by the labels of a watched namespace counts as soon as they change, without a list of namespaces", async () => {
  await world.ready("IdentityProvider", neighbour, "tenant");
  const namespaces = { from: "Selector", selector: { matchLabels: { guest: "yes" } } };
  await world.api(neighbour, "invoices", { providerRef, allowedGrants: [{ namespaces }] });
  await world.ready("OAuthApi", neighbour, "invoices");
  const template = {
    apiRefs: [{ as: "invoices", name: "invoices", namespace: neighbour }],
    data: { audience: "{{ apis.invoices.audience }}" },
  };
  await world.client(watched, "guest", { providerRef, secret: { keyStyle: "None", template } });
  await world.reason("M2MClient", watched, "guest", "WaitingForTemplateValue");
  await world.cluster.patch("Namespace", "", watched, { metadata: { labels: { guest: "yes" } } });
  await world.ready("M2MClient", watched, "guest");
  expect(await world.cluster.secret(watched, "guest")).toEqual({
    audience: `https://${neighbour}.example.com/invoices`,
  });
});

it("elsewhere it does nothing, and its user may read no Secret there", async () => {
  await world.ready("IdentityProvider", watched, "tenant");
  const status = (await world.cluster.get("IdentityProvider", unwatched, "tenant"))?.status;
  expect(status).toEqual(UNSEEN);
  expect(await mayReadSecrets(watched)).toBe(true);
  for (const namespace of [unwatched, world.systemNamespace, "default"])
    expect(await mayReadSecrets(namespace), namespace).toBe(false);
});

it("a resource that refers to a ClusterIdentityProvider is told that this operator works on none", async () => {
  const api = await world.api(watched, "of-the-cluster");
  await world.reason("OAuthApi", watched, api.metadata.name, "ProviderNotReady");
  const message = conditionOf(await world.cluster.get("OAuthApi", watched, "of-the-cluster"), "Ready")?.message;
  expect(message).toContain("IdentityProvider");
  expect(message).toContain("--cluster-providers");
  expect((await world.cluster.get("ClusterIdentityProvider", "", world.provider))?.status).toEqual(UNSEEN);
});
