import type { ApiChange, Apis, GrantedApi, ObservedApi, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { apiBody, apiChangeBody } from "./api-bodies.ts";
import { createApiScopes } from "./api-scopes.ts";
import { grantRecord } from "./attributes.ts";
import type { KeycloakContext } from "./context.ts";
import type { IssuanceWriter } from "./issuance.ts";
import { assertFits } from "./lengths.ts";
import { isApi, observedApi } from "./observed-api.ts";
import type { RealmClient } from "./realm-client.ts";
import type { RealmView } from "./realm-view.ts";

export interface ApiParts {
  readonly context: KeycloakContext;
  readonly view: RealmView;
  readonly issuance: IssuanceWriter;
}

/** An API is a client that nobody can authenticate as, with the audience as its client ID, and client scopes. */
export function createApis(parts: ApiParts): Apis {
  const { context, view, issuance } = parts;
  const { clock, ownClientId, session } = context;
  const scopes = createApiScopes(context, view);
  const observe = (client: RealmClient): ObservedApi => observedApi(view, client, ownClientId());
  const by = async (index: string, value: string): Promise<readonly ObservedApi[]> => {
    await view.ensure();
    return view.clients.byIndex(index, value).map(observe);
  };
  const get: Apis["get"] = async (ref) => {
    await view.ensure();
    const known = view.clients.get(ref);
    if (known !== undefined || view.clients.isDropped(ref)) return known === undefined ? undefined : observe(known);
    const read = await session.read(() => view.clients.confirm(ref));
    return read === undefined ? undefined : observe(read);
  };
  const present = async (ref: Ref): Promise<RealmClient> => {
    await view.ensure();
    const client = view.clients.get(ref) ?? (await session.read(() => view.clients.confirm(ref)));
    if (client === undefined) throw new ProviderError("not_found", "The API no longer exists in the realm.");
    return client;
  };
  return {
    isKnown: () => true,
    get,
    findByAudience: async (audience, since) => {
      const client = await view.findByClientId(audience, since);
      return client === undefined ? undefined : observe(client);
    },
    list: async () => {
      await view.ensure();
      return view.clients
        .all()
        .filter((client) => isApi(view, client))
        .map(observe);
    },
    findByOwner: (instance, uid) => by("apiOwner", `${instance}/${uid}`),
    findByObject: (instance, object) => by("apiObject", `${instance}/${object}`),
    refresh: (notBefore) => view.refresh(notBefore),
    issuance: async ({ ref, audience }: GrantedApi) => {
      const api = ref === undefined ? (await by("clientId", audience))[0] : await get(ref);
      if (api === undefined) return undefined;
      return { ref: api.ref, signingAlgorithm: api.tokens.signingAlgorithm, refusedBecause: undefined };
    },
    create: async (spec, mark) => {
      await view.ensure();
      assertFits({ "the audience": spec.audience, "the display name": spec.displayName });
      assertFits({ "the description": spec.description });
      scopes.assertFree(spec.audience, spec.scopes);
      try {
        const ref = (await session.create("/clients", apiBody(spec, mark))) as Ref;
        await view.reread(ref);
        await scopes.write(spec.audience, spec.scopes);
        return observe(await present(ref));
      } catch (error) {
        // Somebody made it since the last listing: it must be listed before the next try, or that would fail too.
        if (error instanceof ProviderError && error.code === "conflict") await view.refresh(clock.now());
        throw error;
      }
    },
    update: (ref, change) => update(parts, { scopes, observe, present }, ref, change),
    readSigningSecret: () => Promise.resolve(undefined),
    remove: async (ref) => {
      await view.ensure();
      const client = view.clients.get(ref) ?? (await session.read(() => view.clients.confirm(ref)));
      if (client === undefined) return;
      await scopes.removeAll(client.clientId);
      for (const { ref: holder } of view.clients.byIndex("recorded", ref))
        await issuance.change(holder, grantRecord(ref, null));
      await session.remove(`/clients/${ref}`);
      view.clients.drop(ref);
    },
  };
}

interface Shared {
  readonly scopes: ReturnType<typeof createApiScopes>;
  readonly observe: (client: RealmClient) => ObservedApi;
  readonly present: (ref: Ref) => Promise<RealmClient>;
}

/** Tokens of an API are issued as its clients say, so that these follow what it names. */
async function update(
  { context: { session }, view, issuance }: ApiParts,
  { scopes, observe, present }: Shared,
  ref: Ref,
  change: ApiChange,
): Promise<ObservedApi> {
  const before = await present(ref);
  const audience = change.audience ?? before.clientId;
  assertFits({ "the display name": change.displayName, "the description": change.description });
  if (change.scopes !== undefined) scopes.assertFree(audience, change.scopes);
  const body = apiChangeBody(change);
  if (Object.keys(body).length > 0) {
    await session.change(`/clients/${ref}`, body);
    await view.reread(ref);
  }
  if (change.scopes !== undefined) await scopes.write(audience, change.scopes);
  if (change.restore === true) await scopes.restore(audience);
  if (change.tokens !== undefined)
    for (const { ref: holder } of view.clients.byIndex("recorded", ref)) await issuance.change(holder, {});
  return observe(await present(ref));
}
