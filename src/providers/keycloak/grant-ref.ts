import type { Ref } from "../../ports/provider.ts";

/** Keycloak has no object for a grant: it is what one client has of one API. */
export const grantRefOf = (client: Ref, api: Ref): Ref => `${client}/${api}` as Ref;

export function pairOf(grant: Ref): { readonly client: Ref; readonly api: Ref } {
  const [client = "", api = ""] = grant.split("/");
  return { client: client as Ref, api: api as Ref };
}
