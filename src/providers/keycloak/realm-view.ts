import type { Drift, Ref } from "../../ports/provider.ts";
import { oldestOf } from "../../tenant/oldest.ts";
import { createListing, type Listing } from "../../tenant/listing.ts";
import type { KeycloakContext } from "./context.ts";
import type { ClientDocument, ScopeDocument } from "./documents.ts";
import { clientDrift, scopeDrift } from "./drift.ts";
import { clientPages } from "./pages.ts";
import { type RealmClient, realmClientOf } from "./realm-client.ts";
import { type RealmScope, realmScopeOf } from "./realm-scope.ts";
import { CLIENT_INDEXES, type RealmState, SCOPE_INDEXES } from "./realm-state.ts";

/** The realm in two listings: its clients, which hold their grants, and its client scopes. */
export interface RealmView extends RealmState {
  readonly clients: Listing<RealmClient>;
  readonly scopes: Listing<RealmScope>;
  ensure(): Promise<void>;
  refresh(notBefore: Date): Promise<void>;
  refreshedAt(): Date | undefined;
  /** The one client of this ID. `since`: it is requested by itself unless it is listed, or the listing began since then. */
  findByClientId(clientId: string, since: Date | undefined): Promise<RealmClient | undefined>;
  /** A client that is listed. `since`: as it was then or later. */
  clientSince(ref: Ref, since: Date | undefined): Promise<RealmClient | undefined>;
  /** Reads a client after a write of the operator. */
  reread(ref: Ref): Promise<RealmClient | undefined>;
}

type Changed<T> = (before: T | undefined, after: T | undefined) => void;

export function createRealmView(context: KeycloakContext): RealmView {
  const tell = (drifts: readonly Drift[]): void => {
    for (const drift of drifts) context.onDrift(drift);
  };
  const scopes: Listing<RealmScope> = scopeListing(context, (before, after) => {
    tell(scopeDrift({ clients, scopes }, before, after));
  });
  const clients: Listing<RealmClient> = clientListing(context, (before, after) => {
    tell(clientDrift({ clients, scopes }, before, after));
  });
  const ensure = async (): Promise<void> => {
    await Promise.all([scopes.ensure(), clients.ensure()]);
  };
  return {
    clients,
    scopes,
    ensure,
    refresh: async (notBefore) => {
      await Promise.all([scopes.refresh(notBefore), clients.refresh(notBefore)]);
    },
    refreshedAt: () => oldestOf([scopes.listedAt(), clients.listedAt()]),
    scopesOf: (audience) => scopes.byIndex("audience", audience),
    findByClientId: async (clientId, since) => {
      await ensure();
      const [known] = clients.byIndex("clientId", clientId);
      if (known !== undefined || clients.isListedSince(since)) return known;
      const query = `?clientId=${encodeURIComponent(clientId)}`;
      const [found] = await context.session.get<readonly ClientDocument[]>(`/clients${query}`);
      if (found === undefined || clients.isDropped(found.id)) return undefined;
      // Its scopes, or those that it has, may be as new.
      await scopes.refresh(context.clock.now());
      return context.session.read(() => clients.confirm(found.id));
    },
    clientSince: async (ref, since) => {
      const known = clients.get(ref);
      if (known === undefined || since === undefined || known.readAt >= since) return known;
      return context.session.read(() => clients.confirm(ref));
    },
    reread: async (ref) => {
      const client = await context.session.read(() => clients.confirm(ref));
      if (client !== undefined) clients.put(client);
      return client;
    },
  };
}

function clientListing(context: KeycloakContext, onDrift: Changed<RealmClient>): Listing<RealmClient> {
  const { clock, session, settleMs } = context;
  return createListing<RealmClient>({
    load: async function* () {
      for await (const page of clientPages((query) => session.get<readonly ClientDocument[]>(`/clients${query}`)))
        yield page.map((document) => realmClientOf(document, context));
    },
    keyOf: ({ ref }) => ref,
    digestOf: ({ readAt: _readAt, ...client }) => JSON.stringify(client),
    indexes: CLIENT_INDEXES,
    read: async (key) => {
      const document = await session.find<ClientDocument>(`/clients/${encodeURIComponent(key)}`);
      return document === undefined ? undefined : realmClientOf(document, context);
    },
    clock,
    settleMs,
    onDrift,
  });
}

function scopeListing(context: KeycloakContext, onDrift: Changed<RealmScope>): Listing<RealmScope> {
  const { clock, session, settleMs } = context;
  return createListing<RealmScope>({
    load: async function* () {
      const documents = await session.get<readonly ScopeDocument[]>("/client-scopes");
      yield documents.map((document) => realmScopeOf(document, clock.now()));
    },
    keyOf: ({ ref }) => ref,
    digestOf: ({ readAt: _readAt, ...scope }) => JSON.stringify(scope),
    indexes: SCOPE_INDEXES,
    read: async (key) => {
      const document = await session.find<ScopeDocument>(`/client-scopes/${encodeURIComponent(key)}`);
      return document === undefined ? undefined : realmScopeOf(document, clock.now());
    },
    clock,
    settleMs,
    onDrift,
  });
}
