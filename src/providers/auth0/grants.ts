import type { Management } from "auth0";
import { ClientGrantsClient } from "auth0/clientGrants";
import type { Grants, GrantSpec, ObservedGrant, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { createListing, type Listing } from "../../tenant/listing.ts";
import type { Auth0Context } from "./context.ts";
import { orUndefined } from "./session.ts";

const PAGE = 100;

/** What Auth0 sends of a client grant, as far as it is read. */
interface GrantDocument {
  readonly id?: string;
  readonly client_id?: string;
  readonly audience?: string;
  readonly scope?: readonly string[];
  readonly subject_type?: string;
  readonly is_system?: boolean;
}

const pairOf = (client: string, audience: string): string => `${client} ${audience}`;

/** Grants on behalf of users are another matter and are not looked at. */
const isForClient = ({ subject_type: subject }: GrantDocument): boolean =>
  subject === undefined || subject === "client";

export function createGrants(context: Auth0Context): {
  readonly grants: Grants;
  readonly listing: Listing<ObservedGrant>;
} {
  const { clock, session, options } = context;
  const sdk = new ClientGrantsClient(options);
  const observe = (document: GrantDocument): ObservedGrant => observedOf(document, clock.now());
  const listing = createListing<ObservedGrant>({
    load: async function* () {
      let from: string | undefined;
      do {
        const request = { take: PAGE, ...(from === undefined ? {} : { from }) };
        const { data, response } = await session.read(() => sdk.list(request));
        yield (data as readonly GrantDocument[]).filter(isForClient).map(observe);
        from = (response as { readonly next?: string }).next;
      } while (from !== undefined && from !== "");
    },
    keyOf: (grant) => grant.ref,
    digestOf: ({ readAt: _readAt, ...grant }) => JSON.stringify(grant),
    indexes: {
      pair: (grant) => [pairOf(grant.client, grant.audience)],
      client: (grant) => [grant.client],
      audience: (grant) => [grant.audience],
    },
    read: async (key) => {
      const document = await session.read(() => orUndefined(Promise.resolve(sdk.get(key))));
      return document === undefined ? undefined : observe(document as GrantDocument);
    },
    clock,
    settleMs: context.settleMs,
    onDrift: (before, after) => {
      const grant = after ?? before;
      if (grant !== undefined)
        context.onDrift({ kind: "grant", ref: grant.ref, client: grant.client, audience: grant.audience });
    },
  });
  const remember = (document: unknown): ObservedGrant => {
    const grant = observe(document as GrantDocument);
    listing.put(grant);
    return grant;
  };
  const update: Grants["update"] = async (ref, { scopes }) =>
    remember(await session.write(() => sdk.update(ref, { scope: [...scopes] })));
  /** The key is unique: whoever made the one that is there, it is on our client and is brought to what is wanted. */
  const adopt = async ({ client, api, scopes }: GrantSpec): Promise<ObservedGrant> => {
    const request = { client_id: client, audience: api.audience, take: PAGE };
    const { data } = await session.read(() => sdk.list(request));
    const existing = (data as readonly GrantDocument[]).find(isForClient);
    if (existing?.id === undefined)
      throw new ProviderError("conflict", "Auth0 says that the grant exists and does not show it.");
    return update(existing.id as Ref, { scopes });
  };
  const grants: Grants = {
    find: async (client, audience) => {
      await listing.ensure();
      return listing.byIndex("pair", pairOf(client, audience))[0];
    },
    ofClient: async (client) => {
      await listing.ensure();
      return listing.byIndex("client", client);
    },
    ofApi: async (audience) => {
      await listing.ensure();
      return listing.byIndex("audience", audience);
    },
    create: async (spec) => {
      const body = { client_id: spec.client, audience: spec.api.audience, scope: [...spec.scopes] };
      try {
        return remember(await session.write(() => sdk.create(body as Management.CreateClientGrantRequestContent)));
      } catch (error) {
        if (error instanceof ProviderError && error.code === "conflict") return adopt(spec);
        throw error;
      }
    },
    update: async (ref, change) => {
      try {
        return await update(ref, change);
      } catch (error) {
        // Switching a grant off and on in the dashboard gives it a new id; the next look finds it by its pair.
        if (error instanceof ProviderError && error.code === "not_found") listing.drop(ref);
        throw error;
      }
    },
    remove: async (ref) => {
      await session.write(() => sdk.delete(ref));
      listing.drop(ref);
    },
  };
  return { grants, listing };
}

function observedOf(document: GrantDocument, readAt: Date): ObservedGrant {
  return {
    ref: (document.id ?? "") as Ref,
    client: (document.client_id ?? "") as Ref,
    audience: document.audience ?? "",
    scopes: document.scope ?? [],
    isSystem: document.is_system === true,
    readAt,
  };
}
