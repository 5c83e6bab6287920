import type { ObservedGrant, Ref } from "../../ports/provider.ts";
import { grantRecordsIn } from "./attributes.ts";
import { grantRefOf } from "./grant-ref.ts";
import { isIssuedAsGranted } from "./issuance.ts";
import type { RealmClient } from "./realm-client.ts";
import type { RealmScope } from "./realm-scope.ts";
import type { RealmState } from "./realm-state.ts";

/** What a client has of the client scopes of one API. */
export interface Assigned {
  readonly optional: readonly RealmScope[];
  /** In every token of the client, also in those for other APIs. */
  readonly standing: readonly RealmScope[];
}

/** The client scopes of the API that the client has. */
export function assignedOf(realm: RealmState, client: RealmClient, { clientId }: RealmClient): Assigned {
  const scopes = realm.scopesOf(clientId);
  return {
    optional: scopes.filter(({ name }) => client.optionalScopes.includes(name)),
    standing: scopes.filter(({ name }) => client.defaultScopes.includes(name)),
  };
}

/** How the client records its grant for the API. */
export const recordOf = (client: RealmClient | undefined, api: Ref) =>
  grantRecordsIn(client?.attributes ?? {}).find((record) => record.api === api);

/** What the client has of the API; `undefined` for nothing. */
export function grantOf(realm: RealmState, client: RealmClient, api: RealmClient): ObservedGrant | undefined {
  const { optional, standing } = assignedOf(realm, client, api);
  const record = recordOf(client, api.ref);
  if (record === undefined && optional.length + standing.length === 0) return undefined;
  return {
    ref: grantRefOf(client.ref, api.ref),
    client: client.ref,
    api: api.ref,
    audience: api.clientId,
    scopes: [...optional, ...standing].map(({ name }) => name).sort(),
    allScopes: false,
    organizations: { usage: "Deny", any: false, ids: [] },
    lifetimeSeconds: record?.lifetimeSeconds,
    duplicates: [],
    isImpaired: standing.length > 0 || record === undefined || !isIssuedAsGranted(realm, client),
    overriddenBy: [],
    isSystem: false,
    ...(getsTokensItself(client) ? {} : { isForeign: true as const }),
    readAt: client.readAt,
  };
}

/** By the client-credentials grant, without a person. */
const getsTokensItself = ({ hasServiceAccount, isBearerOnly, isPublic }: RealmClient): boolean =>
  hasServiceAccount && !isBearerOnly && !isPublic;

/** Clients with a record of the API, or with one of its client scopes. */
export function holdersOf(realm: RealmState, api: RealmClient): readonly RealmClient[] {
  const assigned = realm.scopesOf(api.clientId).flatMap(({ name }) => realm.clients.byIndex("assigned", name));
  return [
    ...new Map([...realm.clients.byIndex("recorded", api.ref), ...assigned].map((each) => [each.ref, each])).values(),
  ];
}

/** APIs that the client records, or has one of the client scopes of. */
export function apisOf(
  realm: RealmState,
  { attributes, optionalScopes, defaultScopes }: RealmClient,
): readonly RealmClient[] {
  const recorded = grantRecordsIn(attributes).flatMap(({ api }) => realm.clients.get(api) ?? []);
  const assigned = [...optionalScopes, ...defaultScopes]
    .flatMap((name) => realm.scopes.byIndex("name", name).map(({ audience = "" }) => audience))
    .flatMap((audience) => realm.clients.byIndex("clientId", audience));
  return [...new Map([...recorded, ...assigned].map((api) => [api.ref, api])).values()];
}
