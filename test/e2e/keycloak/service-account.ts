import { controlPlane } from "../../integration/control-plane.ts";
import { keycloak } from "../../integration/keycloak/server.ts";
import { createServiceAccounts } from "../../../src/kube/service-accounts.ts";
import { Agent, fetch } from "undici";
import type { Cluster } from "../../integration/cluster.ts";
import type { TokenAnswer } from "./token.ts";

/** Alias in the realm. */
export const ALIAS = "cluster";

/** As the realm's owner does it once: Keycloak trusts this cluster's service account tokens. */
export const trustsCluster = (): object => ({
  identityProviders: [
    {
      ...{ alias: ALIAS, providerId: "kubernetes", enabled: true, hideOnLogin: true },
      config: { issuer: controlPlane().issuer },
    },
  ],
});

export async function createServiceAccount(cluster: Cluster, namespace: string, name: string): Promise<void> {
  await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
}

/** A token as the kubelet projects it into a Pod of this service account. */
export function projectedToken(
  { connection }: Cluster,
  namespace: string,
  name: string,
  audience: string,
  seconds = 600,
): Promise<string> {
  const { requestToken } = createServiceAccounts(connection, { requestsTokens: true });
  if (requestToken === undefined) throw new Error("no token is requested");
  return requestToken({ namespace, name, audience, seconds });
}

export interface AssertionAnswer extends TokenAnswer {
  readonly error?: string;
  readonly error_description?: string;
}

/** Requests a token with a client assertion (RFC 7523 section 2.2). `further`: other parameters of the request. */
export async function requestByAssertion(
  { token_endpoint: endpoint = "", scopes: scope = "" }: Readonly<Record<string, string>>,
  assertion: string | undefined,
  further: Readonly<Record<string, string>> = {},
): Promise<AssertionAnswer> {
  const dispatcher = new Agent({ connect: { ca: keycloak().caPem } });
  const form = {
    ...{ grant_type: "client_credentials", scope },
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ...(assertion === undefined ? {} : { client_assertion: assertion }),
    ...further,
  };
  try {
    const answer = await fetch(endpoint, { method: "POST", dispatcher, body: new URLSearchParams(form) });
    return { status: answer.status, ...((await answer.json()) as object) };
  } finally {
    await dispatcher.close();
  }
}
