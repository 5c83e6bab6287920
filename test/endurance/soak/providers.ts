import type { Sandbox } from "../../../sandbox/start.ts";
import { type Cluster, conditionOf, eventually } from "../../integration/cluster.ts";

const NAMESPACE = "default";

/** One provider of the cluster for each vendor, which allows every namespace. */
export async function applyProviders(cluster: Cluster, { auth0, okta, caPem }: Sandbox): Promise<void> {
  const credentials = {
    auth0: { client_id: auth0.clientId, client_secret: auth0.clientSecret },
    okta: { api_token: okta.apiToken },
  };
  const vendors = { auth0: { auth0: { domain: auth0.domain } }, okta: { okta: { orgUrl: okta.url } } };
  for (const name of ["auth0", "okta"] as const) {
    await cluster.apply({
      ...{ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: NAMESPACE } },
      stringData: credentials[name],
    });
    await cluster.apply({
      apiVersion: "m2m-operator.io/v1alpha1",
      kind: "ClusterIdentityProvider",
      metadata: { name },
      spec: {
        ...vendors[name],
        ...{ credentialsSecretRef: { name }, caBundle: caPem, driftInterval: "30s" },
        // Who waits for the next hour's tokens has a timer.
        verification: { maxPerHour: 10_000 },
        rateLimit: { requestsPerMinute: 60_000, burst: 2000, sharePercent: 100 },
        allow: [{ namespaces: { from: "All" }, audiences: ["*"] }],
      },
    });
  }
}

let reads = 0;

/** Resolves once the whole of each tenant was read again. */
export async function readEverythingAgain(cluster: Cluster, providers: readonly string[]): Promise<void> {
  const asked = `soak-${String(reads++)}`;
  const annotations = { "m2m-operator.io/reconcile-requested-at": asked };
  for (const name of providers) {
    await cluster.patch("ClusterIdentityProvider", "", name, { metadata: { annotations } });
    await eventually(
      () => cluster.get("ClusterIdentityProvider", "", name),
      (object) => object?.status?.["lastHandledReconcileAt"] === asked,
      `a read of ${name}`,
      60_000,
    );
  }
}

/** A credential that was refused while its tenant was broken rests for minutes: somebody who knows better asks for a try. */
export async function tryRefusedAgain(cluster: Cluster, namespaces: readonly string[]): Promise<void> {
  const annotations = { "m2m-operator.io/reconcile-requested-at": `soak-${String(reads++)}` };
  const clients = (await Promise.all(namespaces.map((ns) => cluster.list("M2MClient", ns)))).flat();
  for (const client of clients) {
    if (conditionOf(client, "Stalled")?.reason !== "VerificationFailed") continue;
    const { namespace = "", name } = client.metadata;
    await cluster.patch("M2MClient", namespace, name, { metadata: { annotations } });
  }
}
