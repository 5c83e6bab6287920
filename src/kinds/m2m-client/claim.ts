import { clientAdoption } from "../../consent/provider-consent.ts";
import type { KindContext } from "../kind-context.ts";
import { askerOf, providerKeyOf, providerOf, rulesOf } from "../access/provider-observe.ts";
import type { M2MClient } from "./schema.ts";

/** Index values under which resources meet that want to take over one client. */
export function claimsOf({ metadata, spec }: M2MClient): readonly string[] {
  if (spec.adopt !== true || spec.clientId === undefined) return [];
  return [`${providerKeyOf(metadata.namespace ?? "", spec.providerRef)} ${spec.clientId}`];
}

/** Of several that may take it over: who has it recorded, then the older, then the first by name. */
export function winnerOf(context: KindContext, resource: M2MClient): string | undefined {
  const [claim] = claimsOf(resource);
  if (claim === undefined) return undefined;
  const [best] = context.resources.m2mClients
    .byIndex("claim", claim)
    .filter((other) => other.status?.externalId !== undefined || isCandidate(context, other))
    .sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1));
  const { namespace = "", uid } = resource.metadata;
  if (best === undefined || best.metadata.uid === uid) return undefined;
  // Another namespace's name is not for this one's eyes.
  return best.metadata.namespace === namespace ? `M2MClient "${best.metadata.name}"` : "another resource";
}

function isCandidate(context: KindContext, { metadata, spec }: M2MClient): boolean {
  const { namespace = "" } = metadata;
  const provider = providerOf(context, { namespace, providerRef: spec.providerRef });
  if (metadata.deletionTimestamp !== undefined || provider === undefined) return false;
  return clientAdoption(rulesOf(provider), askerOf(context, namespace), spec.clientId ?? "").isAllowed;
}

function rankOf({ metadata, status }: M2MClient): string {
  const { creationTimestamp = "", namespace = "", name, uid } = metadata;
  return `${status?.externalId === undefined ? "1" : "0"} ${creationTimestamp} ${namespace}/${name} ${uid}`;
}
