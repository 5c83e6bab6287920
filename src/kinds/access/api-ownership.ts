import { isOwnedBy } from "../../ownership/owner.ts";
import type { Provider, Ref } from "../../ports/provider.ts";
import type { OAuthApi } from "../oauth-api/schema.ts";

/** Whose the API is that an OAuthApi records. `gone`: the tenant has neither it nor another one of its audience. */
export type ApiOwnership = "ours" | "gone" | "foreign";

/**
 * Asks the tenant as last read, not the OAuthApi: somebody may have deleted the API, or taken its mark, since status was
 * written. `mayTrust`: status stands while this process has not read that API.
 */
export async function apiOwnership(
  { apis, capabilities }: Pick<Provider, "apis" | "capabilities">,
  instance: string,
  { metadata, spec, status }: OAuthApi,
  mayTrust: boolean,
): Promise<ApiOwnership> {
  const ref = status?.externalId as Ref | undefined;
  if (ref === undefined || (mayTrust && !apis.isKnown(ref))) return "ours";
  const present = await apis.get(ref);
  if (present !== undefined) {
    const owner = { instance, uid: metadata.uid, object: "" };
    // Without a mark, a proven status is what tells: the resource has no other.
    return present.mark === undefined || isOwnedBy(present.mark, owner) ? "ours" : "foreign";
  }
  // The OAuthApi is creating it again: what appears under its audience is most probably its own.
  if (status?.pendingCreate !== undefined) return "gone";
  const isTaken = !capabilities.sharesAudiences && (await apis.findByAudience(spec.audience)) !== undefined;
  return isTaken ? "foreign" : "gone";
}
