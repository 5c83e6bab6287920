import { createIndexedKeys, type Indexes } from "../../ports/indexed-keys.ts";
import { subjectKeysIn } from "./client-subjects.ts";
import type { Ref } from "../../ports/provider.ts";
import { apiMarkIn, clientMarkIn, grantRecordsIn } from "./attributes.ts";
import type { RealmClient } from "./realm-client.ts";
import type { RealmScope } from "./realm-scope.ts";

/** A realm as it was read: its clients, which hold their grants, and its client scopes. */
export interface RealmState {
  readonly clients: Known<RealmClient>;
  readonly scopes: Known<RealmScope>;
  /** Client scopes of the API with this audience. */
  scopesOf(audience: string): readonly RealmScope[];
}

/** Everything of one type. */
interface Known<T> {
  get(ref: string): T | undefined;
  byIndex(index: string, value: string): readonly T[];
  all(): readonly T[];
}

const ownersIn = (mark: ReturnType<typeof clientMarkIn>): readonly string[] =>
  mark === undefined ? [] : [`${mark.instance}/${mark.uid}`];
const objectsIn = (mark: ReturnType<typeof clientMarkIn>): readonly string[] =>
  mark === undefined ? [] : [`${mark.instance}/${mark.object}`];

export const CLIENT_INDEXES: Indexes<RealmClient> = {
  clientId: ({ clientId }) => [clientId],
  clientOwner: ({ attributes }) => ownersIn(clientMarkIn(attributes)),
  clientObject: ({ attributes }) => objectsIn(clientMarkIn(attributes)),
  apiOwner: ({ attributes }) => ownersIn(apiMarkIn(attributes)),
  apiObject: ({ attributes }) => objectsIn(apiMarkIn(attributes)),
  subject: subjectKeysIn,
  assigned: ({ optionalScopes, defaultScopes }) => [...new Set([...optionalScopes, ...defaultScopes])],
  recorded: ({ attributes }) => grantRecordsIn(attributes).map(({ api }) => api),
};

export const SCOPE_INDEXES: Indexes<RealmScope> = {
  name: ({ name }) => [name],
  audience: ({ audience }) => (audience === undefined ? [] : [audience]),
};

/** The state that one reading shows. */
export function realmStateOf(clients: readonly RealmClient[], scopes: readonly RealmScope[]): RealmState {
  const known = { clients: knownOf(clients, CLIENT_INDEXES), scopes: knownOf(scopes, SCOPE_INDEXES) };
  return { ...known, scopesOf: (audience) => known.scopes.byIndex("audience", audience) };
}

function knownOf<T extends { readonly ref: Ref }>(items: readonly T[], indexes: Indexes<T>): Known<T> {
  const byRef = new Map<string, T>(items.map((item) => [item.ref, item]));
  const keys = createIndexedKeys(indexes);
  for (const [ref, item] of byRef) keys.add(item, ref);
  return {
    get: (ref) => byRef.get(ref),
    all: () => [...byRef.values()],
    byIndex: (index, value) => [...keys.keysOf(index, value)].flatMap((ref) => byRef.get(ref) ?? []),
  };
}
