import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { ScopeGrant } from "../../src/kinds/scope-grant/schema.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { caOf } from "../cluster/credential.ts";
import { definitionOf } from "../cluster/kinds.ts";
import { listResources } from "../cluster/objects.ts";
import type { OpenCluster } from "../cluster/open.ts";
import { checkToken, contentOf, type TokenContent, type Verdict } from "../tokens/check.ts";
import { tenantHttp } from "../tokens/http.ts";
import type { PublishedApi, PublishedCredential } from "../tokens/published.ts";
import { fetchKeys, type ReceivedToken, requestToken } from "../tokens/request-token.ts";
import { textOfFile } from "./file-option.ts";
import type { Session } from "./services.ts";

/** A token that was requested with the published credential. */
export interface ObtainedToken extends ReceivedToken {
  /** `undefined` for a token that cannot be read. */
  readonly content: TokenContent | undefined;
  readonly verdict: Verdict;
}

/** What to request, and for whom. */
export interface TokenOrder {
  readonly client: M2MClient;
  readonly credential: PublishedCredential;
  readonly api: PublishedApi;
  readonly organization?: string | undefined;
  /** Path of a file with further certificate authorities. Default: those of the provider object, where it can be read. */
  readonly ca?: string | undefined;
}

/** Requests a token and checks it. Throws a Failure when there is none. */
export async function obtainToken(session: Session, order: TokenOrder): Promise<ObtainedToken> {
  const { client, credential, api } = order;
  const cluster = { ...session.cluster, namespace: client.metadata.namespace ?? "" };
  const grants = await grantsFor(cluster, client, api);
  const organization = organizationFor(order, grants);
  const ca = order.ca === undefined ? await caOf(cluster, client) : textOfFile("--ca", order.ca);
  const http = tenantHttp(ca);
  try {
    const received = await requestToken(http.fetch, credential, api, organization, session.now());
    const content = contentOf(received.accessToken);
    const verdict = await checkToken({
      ...{ token: received.accessToken, content, api, clientId: credential.clientId, organization },
      algorithm: grants[0]?.status?.token?.signingAlgorithm,
      now: session.now(),
      fetchKeys: () => fetchKeys(http.fetch, api, clockOf(session)),
    });
    return { ...received, verdict, content };
  } finally {
    await http.close();
  }
}

/** The ScopeGrants of the client for this API. Empty when they cannot be read. */
async function grantsFor(cluster: OpenCluster, client: M2MClient, api: PublishedApi): Promise<readonly ScopeGrant[]> {
  const definition = definitionOf("ScopeGrant");
  const grants = await listResources<ScopeGrant>(cluster, definition, cluster.namespace).catch(() => []);
  return grants
    .filter(({ spec }) => spec.clientRef?.name === client.metadata.name)
    .filter(({ status }) => status?.token?.audience === api.audience)
    .filter(({ status }) => (status?.token?.issuer ?? api.issuer) === api.issuer);
}

/** Where the grant requires an organization, and the user named none, the first that it is linked to. */
function organizationFor(order: TokenOrder, grants: readonly ScopeGrant[]): string | undefined {
  const isRequired = grants.some(({ spec }) => spec.organizations?.usage === "Require");
  return order.organization ?? (isRequired ? order.api.organizations?.[0] : undefined);
}

/** The metadata cache wants a whole clock. It lives for one request. */
const clockOf = ({ now }: Session): Clock => ({
  now,
  monotonicMs: () => performance.now(),
  after: () => () => undefined,
  random: () => 0,
});
