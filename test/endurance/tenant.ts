import type { Sandbox } from "../../sandbox/start.ts";
import type { Cluster } from "../integration/cluster.ts";

/** The name of the provider object, and of the Secret with its credential. */
const NAME = "tenant";

/** Makes a simulated Auth0 tenant the own one of a namespace, with limits that nobody reaches. `spec` says more of it. */
export async function applyTenant(
  cluster: Cluster,
  { auth0, caPem }: Sandbox,
  namespace: string,
  spec: Record<string, unknown> = {},
): Promise<void> {
  await cluster.apply({
    ...{ apiVersion: "v1", kind: "Secret", metadata: { name: NAME, namespace } },
    stringData: { client_id: auth0.clientId, client_secret: auth0.clientSecret },
  });
  await cluster.apply({
    apiVersion: "m2m-operator.io/v1alpha1",
    kind: "IdentityProvider",
    metadata: { name: NAME, namespace },
    spec: {
      ...{ auth0: { domain: auth0.domain }, credentialsSecretRef: { name: NAME }, caBundle: caPem },
      rateLimit: { requestsPerMinute: 60_000, burst: 2000, sharePercent: 100 },
      ...spec,
    },
  });
}
