import { afterAll, beforeAll, expect, it } from "vitest";
import { controlPlane } from "../control-plane.ts";
import { createCaches, haveSynced } from "../../../src/assembly/caches.ts";
import { runWatches } from "../../../src/assembly/watches.ts";
import { KINDS } from "../../../src/kinds/registry.ts";
import { type Connection, connect } from "../../../src/kube/connection.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { admin, type Cluster, eventually } from "../cluster.ts";

// Seven watches a namespace, so that six namespaces need more connections than any pool of requests has.
const NAMESPACES = 6;
const AT_ONCE_MS = 3000;
let cluster: Cluster;
let connection: Connection;
let namespaces: string[];
const stop = new AbortController();
const metrics = createMetrics(KINDS.map(({ kind }) => kind));
const caches = createCaches("m2m-system", { error: () => undefined });
let running: Promise<unknown>;

beforeAll(async () => {
  cluster = admin();
  namespaces = await Promise.all(Array.from({ length: NAMESPACES }, () => cluster.createNamespace()));
  connection = connect({ kubeconfig: controlPlane().kubeconfig, timeoutMs: 5000 });
  const scope = { namespaces, clusterProviders: false, operatorNamespace: "m2m-system" };
  const log = { warn: () => undefined, debug: () => undefined };
  running = runWatches({ connection, caches, scope, random: () => 0.5, log, metrics }, stop.signal);
  await eventually(
    () => haveSynced(caches),
    (isFilled) => isFilled,
    "filled caches",
  );
});
afterAll(async () => {
  stop.abort();
  await running;
  expect(await watches("open")).toBe(0);
  await connection.close();
  await Promise.all(namespaces.map((namespace) => cluster.remove("Namespace", "", namespace)));
  await cluster.close();
});

async function watches(state: string): Promise<number> {
  const { values } = await metrics.watches.get();
  return values.filter(({ labels }) => labels.state === state).reduce((sum, { value }) => sum + value, 0);
}

const ours = (kind: string, namespace: string, spec: object) => ({
  apiVersion: "m2m-operator.io/v1alpha1",
  kind,
  metadata: { name: "late", namespace },
  spec,
});
const core = (kind: string, namespace: string) => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "late", namespace },
});
const providerRef = { kind: "IdentityProvider", name: "tenant" };

it("every watch is open, and the metric counts them", async () => {
  await eventually(
    () => watches("open"),
    (open) => open === 7 * NAMESPACES,
    "all watches open",
  );
  expect(await watches("connecting")).toBe(0);
});

it("a change in any kind of any namespace is seen at once", async () => {
  for (const namespace of namespaces) {
    const spec = { auth0: { domain: "late.eu.auth0.com" }, credentialsSecretRef: { name: "late" } };
    await cluster.apply(ours("IdentityProvider", namespace, spec));
    await cluster.apply(
      ours("OAuthApi", namespace, { providerRef, audience: "https://late.example.com", scopes: [{ name: "a" }] }),
    );
    await cluster.apply(ours("M2MClient", namespace, { providerRef }));
    const grant = { clientRef: { name: "late" }, apiRef: { name: "late" }, allScopes: true };
    await cluster.apply(ours("ScopeGrant", namespace, grant));
    await cluster.apply(core("Secret", namespace));
    await cluster.apply(core("ConfigMap", namespace));
    await cluster.patch("Namespace", "", namespace, { metadata: { labels: { late: "yes" } } });
    const { identityProviders, oAuthApis, m2mClients, scopeGrants, secrets, configMaps } = caches;
    const stores = { identityProviders, oAuthApis, m2mClients, scopeGrants, secrets, configMaps };
    await eventually(
      () => [
        ...Object.entries(stores).filter(([, store]) => store.get(namespace, "late") === undefined),
        ...(caches.namespaces.get("", namespace)?.metadata.labels?.["late"] === "yes" ? [] : ["labels"]),
      ],
      (missing) => missing.length === 0,
      `everything of ${namespace} seen`,
      AT_ONCE_MS,
    );
  }
});
