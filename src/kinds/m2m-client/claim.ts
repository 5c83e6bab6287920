import { clientAdoption } from "../../consent/provider-consent.ts";
import { askerOf, type Standing } from "../access/standing.ts";
import type { KindContext } from "../kind-context.ts";
import { adoptionClaimsOf } from "../relations/indexes.ts";
import { objectText } from "../relations/object-text.ts";
import type { M2MClient } from "./schema.ts";

/** Of several that may adopt the client: who has it recorded, then the older, then the first by name. */
export function winnerOf(
  ports: Pick<KindContext, "namespaces" | "resources">,
  resource: M2MClient,
  standing: Standing,
): string | undefined {
  const [claim] = adoptionClaimsOf(resource);
  if (claim === undefined) return undefined;
  const [best] = ports.resources.m2mClients
    .byIndex("claim", claim)
    .filter((other) => other.status?.externalId !== undefined || isEligibleToAdopt(ports, other, standing))
    .sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1));
  const { namespace = "", uid } = resource.metadata;
  if (best === undefined || best.metadata.uid === uid) return undefined;
  // Another namespace's name is not for this one's eyes.
  return best.metadata.namespace === namespace ? objectText(best) : "an M2MClient of another namespace";
}

/** A claim names the provider, so that all who make it meet its rules. */
function isEligibleToAdopt(
  ports: Pick<KindContext, "namespaces">,
  { metadata, spec }: M2MClient,
  { rules }: Standing,
): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return clientAdoption(rules, askerOf(ports, metadata.namespace ?? ""), spec.clientId ?? "").isAllowed;
}

function rankOf({ metadata, status }: M2MClient): string {
  const { creationTimestamp = "", namespace = "", name, uid } = metadata;
  return `${status?.externalId === undefined ? "1" : "0"} ${creationTimestamp} ${namespace}/${name} ${uid}`;
}
