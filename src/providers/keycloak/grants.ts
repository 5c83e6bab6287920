import type { Caller, GrantChange, GrantedApi, Grants, ObservedGrant, Ref } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { grantRecord } from "./attributes.ts";
import type { KeycloakContext } from "./context.ts";
import { pairOf } from "./grant-ref.ts";
import { apisOf, type Assigned, assignedOf, grantOf, holdersOf, recordOf } from "./granted.ts";
import type { IssuanceWriter } from "./issuance.ts";
import type { RealmClient } from "./realm-client.ts";
import type { RealmScope } from "./realm-scope.ts";
import type { RealmView } from "./realm-view.ts";

export interface GrantParts {
  readonly context: KeycloakContext;
  readonly view: RealmView;
  readonly issuance: IssuanceWriter;
}

/**
 * Grants as assignments of client scopes, one request each: optional ones, since a default one is in every token of the
 * client. The client records each grant in an attribute, with what the assignments do not say.
 */
export function createGrants(parts: GrantParts): Grants {
  const { view } = parts;
  const find = async (client: Ref, granted: GrantedApi, since?: Date): Promise<ObservedGrant | undefined> => {
    await view.ensure();
    const holder = await view.clientSince(client, since);
    const api = apiOf(view, granted);
    return holder === undefined || api === undefined ? undefined : grantOf(view, holder, api);
  };
  const ofApi: Grants["ofApi"] = async (granted) => {
    await view.ensure();
    const api = apiOf(view, granted);
    return api === undefined ? [] : holdersOf(view, api).flatMap((holder) => grantOf(view, holder, api) ?? []);
  };
  return {
    find: (client, api, _withOrganizations, since) =>
      client === ALL_CLIENTS ? Promise.resolve(undefined) : find(client, api, since),
    ofClient: async (client) => {
      await view.ensure();
      const holder = view.clients.get(client);
      return holder === undefined ? [] : apisOf(view, holder).flatMap((api) => grantOf(view, holder, api) ?? []);
    },
    ofApi,
    callers: async (granted) => (await ofApi(granted)).filter(givesTokens).map(callerOf),
    create: async ({ client, api, ...wish }) => {
      if (client === ALL_CLIENTS)
        throw new ProviderError("unsupported", "Keycloak grants scopes to one client at a time.");
      await view.ensure();
      return bring(parts, client, api.ref, { ...wish, restore: true });
    },
    update: async (ref, change) => {
      await view.ensure();
      const { client, api } = pairOf(ref);
      return bring(parts, client, api, change);
    },
    remove: async (ref) => {
      await view.ensure();
      await remove(parts, ref);
    },
  };
}

const apiOf = (view: RealmView, { ref, audience }: GrantedApi): RealmClient | undefined =>
  ref === undefined ? view.clients.byIndex("clientId", audience)[0] : view.clients.get(ref);

/** A token for the API has at least one of its scopes. */
const givesTokens = ({ isForeign, scopes }: ObservedGrant): boolean => isForeign !== true && scopes.length > 0;

const callerOf = ({ client, scopes }: ObservedGrant): Caller => ({ client, scopes, allScopes: false });

/** Not atomic: scopes are given before others are taken, so that a crash in between takes nothing that is wanted. */
async function bring(
  { context: { session }, view, issuance }: GrantParts,
  ref: Ref,
  apiRef: Ref,
  { scopes, lifetimeSeconds, restore }: GrantChange,
): Promise<ObservedGrant> {
  const api = view.clients.get(apiRef);
  if (api === undefined) throw new ProviderError("not_found", "The API no longer exists in the realm.");
  const wanted = scopes === undefined ? undefined : scopesNamed(view, api, scopes);
  const known = recordOf(view.clients.get(ref), apiRef);
  const record = { lifetimeSeconds: lifetimeSeconds ?? known?.lifetimeSeconds };
  const client = await issuance.change(ref, grantRecord(apiRef, record));
  const path = `/clients/${ref}`;
  const { optional, standing } = assignedOf(view, client, api);
  const target = wanted ?? [...optional, ...standing];
  // One that is in every token cannot be given a second time: it is taken first.
  const moved = restore === true ? standing : standing.filter((scope) => !target.includes(scope));
  for (const scope of moved) await session.remove(`${path}/default-client-scopes/${scope.ref}`);
  const held = [...optional, ...standing.filter((scope) => !moved.includes(scope))];
  for (const scope of target)
    if (!held.includes(scope)) await session.change(`${path}/optional-client-scopes/${scope.ref}`);
  for (const scope of optional)
    if (!target.includes(scope)) await session.remove(`${path}/optional-client-scopes/${scope.ref}`);
  return seenAfter(view, ref, apiRef);
}

async function seenAfter(view: RealmView, ref: Ref, apiRef: Ref): Promise<ObservedGrant> {
  const [client, api] = [await view.reread(ref), view.clients.get(apiRef)];
  const grant = client === undefined || api === undefined ? undefined : grantOf(view, client, api);
  if (grant === undefined) throw new ProviderError("not_found", "The client or the API no longer exists in the realm.");
  return grant;
}

async function remove({ context: { session }, view, issuance }: GrantParts, grant: Ref): Promise<void> {
  const { client: ref, api: apiRef } = pairOf(grant);
  const [client, api] = [view.clients.get(ref), view.clients.get(apiRef)];
  if (client === undefined) return;
  const { optional, standing } = api === undefined ? NOTHING : assignedOf(view, client, api);
  for (const scope of optional) await session.remove(`/clients/${ref}/optional-client-scopes/${scope.ref}`);
  for (const scope of standing) await session.remove(`/clients/${ref}/default-client-scopes/${scope.ref}`);
  await issuance.change(ref, grantRecord(apiRef, null));
  await view.reread(ref);
}

function scopesNamed(view: RealmView, { clientId }: RealmClient, names: readonly string[]): readonly RealmScope[] {
  const known = new Map(view.scopesOf(clientId).map((scope) => [scope.name, scope]));
  return names.map((name) => {
    const scope = known.get(name);
    if (scope === undefined)
      throw new ProviderError("not_found", `The API ${clientId} has no client scope "${name}" in the realm.`);
    return scope;
  });
}

const NOTHING: Assigned = { optional: [], standing: [] };
