import type { M2MClient } from "../m2m-client/schema.ts";
import type { OAuthApi } from "../oauth-api/schema.ts";
import type { ScopeGrant } from "../scope-grant/schema.ts";
import type { Lookups } from "./lookup.ts";

/** The resources that a ScopeGrant names, whether their owners allow it or not: only judgements and wake-ups use these. */
export interface Sides {
  readonly client: M2MClient | undefined;
  readonly api: OAuthApi | undefined;
}

export function sidesOf(
  { m2mClients, oAuthApis }: Pick<Lookups, "m2mClients" | "oAuthApis">,
  { metadata: { namespace = "" }, spec: { clientRef, apiRef } }: ScopeGrant,
): Sides {
  return {
    client: clientRef === undefined ? undefined : m2mClients.get(namespace, clientRef.name),
    api: apiRef === undefined ? undefined : oAuthApis.get(apiRef.namespace ?? namespace, apiRef.name),
  };
}
