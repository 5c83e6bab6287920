import type { Drift } from "../../ports/provider.ts";
import type { Listing } from "../../tenant/listing.ts";
import { apiMarkIn, grantRecordsIn } from "./attributes.ts";
import { subjectKeysIn } from "./client-subjects.ts";
import { grantRefOf } from "./grant-ref.ts";
import type { RealmClient } from "./realm-client.ts";
import type { RealmScope } from "./realm-scope.ts";

interface Known {
  readonly clients: Listing<RealmClient>;
  readonly scopes: Listing<RealmScope>;
}

/** What a later reading of one client tells: as a client, as an API, and of its grants. */
export function clientDrift(
  known: Known,
  before: RealmClient | undefined,
  after: RealmClient | undefined,
): readonly Drift[] {
  const seen = after ?? before;
  if (seen === undefined) return [];
  const { ref } = seen;
  const isApi = [before, after].some((client) => client !== undefined && isLikeApi(client));
  return [
    ...(seen.isBearerOnly ? [] : [{ kind: "client", ref } as const]),
    ...(isApi ? [{ kind: "api", ref } as const] : []),
    ...sharersOf(known, [before, after], ref).map((other) => ({ kind: "client", ref: other }) as const),
    ...apisOf(known, [before, after]).map(({ api, audience }) => grantDrift(seen, api, audience)),
  ];
}

/** What a later reading of one client scope tells: of its API, and of every grant that has it. */
export function scopeDrift(
  known: Known,
  before: RealmScope | undefined,
  after: RealmScope | undefined,
): readonly Drift[] {
  const names = new Set([before?.name, after?.name]);
  const audiences = new Set([before?.audience, after?.audience]);
  const holders = known.clients
    .all()
    .filter(({ optionalScopes, defaultScopes }) =>
      [...optionalScopes, ...defaultScopes].some((name) => names.has(name)),
    );
  return [...audiences].flatMap((audience = "") => {
    const [api] = known.clients.byIndex("clientId", audience);
    if (api === undefined) return [];
    return [{ kind: "api", ref: api.ref } as const, ...holders.map((client) => grantDrift(client, api.ref, audience))];
  });
}

/** Clients that the server cannot tell from this one by their service account, or could not. */
function sharersOf(
  { clients }: Known,
  seen: readonly (RealmClient | undefined)[],
  own: RealmClient["ref"],
): readonly RealmClient["ref"][] {
  const keys = new Set(seen.flatMap((client) => (client === undefined ? [] : subjectKeysIn(client))));
  const refs = [...keys].flatMap((key) => clients.byIndex("subject", key).map(({ ref }) => ref));
  return [...new Set(refs)].filter((ref) => ref !== own);
}

const isLikeApi = ({ isBearerOnly, attributes }: RealmClient): boolean =>
  isBearerOnly || apiMarkIn(attributes) !== undefined;

const grantDrift = ({ ref }: RealmClient, api: RealmClient["ref"], audience: string): Drift => ({
  ...{ kind: "grant", ref: grantRefOf(ref, api), client: ref, audience },
});

/** APIs that the client had or has something of. */
function apisOf(
  { clients, scopes }: Known,
  seen: readonly (RealmClient | undefined)[],
): readonly { readonly api: RealmClient["ref"]; readonly audience: string }[] {
  const names = seen.flatMap((client) => [...(client?.optionalScopes ?? []), ...(client?.defaultScopes ?? [])]);
  const audiences = new Set(names.flatMap((name) => scopes.byIndex("name", name).map(({ audience = "" }) => audience)));
  const byScope = [...audiences].flatMap((audience) => clients.byIndex("clientId", audience));
  const byRecord = seen.flatMap((client) =>
    grantRecordsIn(client?.attributes ?? {}).flatMap(({ api }) => clients.get(api) ?? []),
  );
  const apis = new Map([...byScope, ...byRecord].map((api) => [api.ref, api.clientId]));
  return [...apis].map(([api, audience]) => ({ api, audience }));
}
