import { providerConsent } from "../../consent/provider-consent.ts";
import { askerOf, type Standing } from "../access/standing.ts";
import type { KindContext } from "../kind-context.ts";
import { audienceClaimOf } from "../relations/indexes.ts";
import { objectText } from "../relations/object-text.ts";
import type { RemoteView } from "./model.ts";
import type { OAuthApi } from "./schema.ts";

/** Why the provider's owner does not let the resource claim its audience. Those who claim one have one provider. */
export function audienceRefusalOf(
  ports: Pick<KindContext, "namespaces">,
  { metadata, spec }: OAuthApi,
  { object, rules }: Pick<Standing, "object" | "rules">,
): string | undefined {
  if (object === undefined) return undefined;
  const consent = providerConsent(rules, askerOf(ports, metadata.namespace ?? ""), spec.audience);
  if (consent.allowed || consent.what === "namespace") return undefined;
  return `${objectText(object)} does not allow namespace ${metadata.namespace ?? ""} to claim the audience ${spec.audience}. Ask its owner to extend spec.allow[].audiences, or create this resource again with another audience.`;
}

/**
 * Of several resources with one audience, or one adopted API: who has it recorded, then the older, then the first by name.
 * They use one provider object, or several for one tenant.
 */
export function winnerOf(
  context: Pick<KindContext, "namespaces" | "resources">,
  resource: OAuthApi,
  standing: Standing,
): string | undefined {
  const { externalId, tenant = "" } = resource.status ?? {};
  const claimants = context.resources.oAuthApis
    .byIndex("claim", audienceClaimOf(resource))
    .filter((other) => other.metadata.deletionTimestamp === undefined || other.status?.externalId !== undefined)
    .filter((other) => audienceRefusalOf(context, other, standing) === undefined);
  const sharers = externalId === undefined ? [] : recordedAt(context, tenant, externalId);
  const best = [...claimants, ...sharers].sort((a, b) => compareClaims(a, b))[0];
  return best === undefined || best.metadata.uid === resource.metadata.uid ? undefined : nameFor(resource, best);
}

/** The OAuthApi that manages already what this one found at the tenant, through whatever provider object. */
export function managerOf(
  context: Pick<KindContext, "resources">,
  resource: OAuthApi,
  tenant: string,
  remote: RemoteView,
): string | undefined {
  if (remote.kind !== "notOurs" || remote.api === undefined) return undefined;
  const [first] = recordedAt(context, tenant, remote.api.ref)
    .filter(({ metadata }) => metadata.uid !== resource.metadata.uid)
    .sort((a, b) => compareClaims(a, b));
  return first === undefined ? undefined : nameFor(resource, first);
}

const recordedAt = (
  { resources }: Pick<KindContext, "resources">,
  tenant: string,
  externalId: string,
): readonly OAuthApi[] =>
  resources.oAuthApis.byIndex("remote", externalId).filter(({ status }) => status?.tenant === tenant);

/** Another namespace's name is not for this one's eyes. */
const nameFor = ({ metadata: { namespace } }: OAuthApi, other: OAuthApi): string =>
  other.metadata.namespace === namespace ? objectText(other) : "an OAuthApi of another namespace";

function compareClaims(left: OAuthApi, right: OAuthApi): number {
  const byRecord = Number(right.status?.externalId !== undefined) - Number(left.status?.externalId !== undefined);
  if (byRecord !== 0) return byRecord;
  const rank = ({ metadata }: OAuthApi) =>
    `${metadata.creationTimestamp ?? ""} ${metadata.namespace ?? ""}/${metadata.name} ${metadata.uid}`;
  return rank(left) < rank(right) ? -1 : 1;
}
