import type { Apis, ApiSpec, ObservedApi, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { createListing, type Listing } from "../../tenant/listing.ts";
import type { Serial } from "../../tenant/serial.ts";
import { apiFromServer, changedServer, claimsIn, isShared, scopesIn, serverBody } from "./api-bodies.ts";
import { setClaims, setScopes } from "./api-parts.ts";
import type { OktaContext } from "./context.ts";
import { type ServerDocument, timeOf } from "./documents.ts";
import { readMarked } from "./marked-text.ts";
import { pagesOf } from "./pages.ts";
import { removeSeen } from "./removal.ts";
import type { PartsView } from "./server-parts.ts";

/** An authorization server as it was listed; what is below it is read by itself. */
export interface ListedServer extends ServerDocument {
  readonly readAt: Date;
}

interface ApiParts {
  readonly context: OktaContext;
  readonly listing: Listing<ListedServer>;
  readonly parts: PartsView;
  /** Writes below one server fail or reorder its policies when two run at a time. */
  readonly serial: Serial;
  /** Whether the last try to read what is below the server failed. */
  readonly isUnreadable: (server: Ref) => boolean;
  /** Takes a scope out of the rules of the operator that list it. */
  readonly withdrawScope: (server: Ref, scope: string) => Promise<void>;
}

const pathOf = (server: Ref): string => `/api/v1/authorizationServers/${encodeURIComponent(server)}`;

export function createServerListing(context: OktaContext): Listing<ListedServer> {
  const { session, sdk, clock } = context;
  return createListing<ListedServer>({
    load: async function* () {
      const collection = await session.read(() => sdk.authorizationServerApi.listAuthorizationServers({ limit: 200 }));
      for await (const page of pagesOf<ServerDocument>(collection, (call) => session.read(call)))
        yield page.map((server) => listed(server, clock.now()));
    },
    keyOf: ({ id }) => id,
    digestOf: ({ name, description, audiences, issuer, issuerMode, status, credentials }) =>
      JSON.stringify([name, description, audiences, issuer, issuerMode, status, credentials?.signing?.rotationMode]),
    indexes: {
      audience: ({ audiences }) => audiences,
      owner: (server) => markKeys(server, (mark) => mark.uid),
      object: (server) => markKeys(server, (mark) => mark.object),
    },
    read: async (key) => {
      const server = await session.readRaw(pathOf(key as Ref));
      return server === undefined ? undefined : listed(server as ServerDocument, clock.now());
    },
    clock,
    settleMs: context.settleMs,
    onDrift: (before, after) => {
      const id = (after ?? before)?.id;
      if (id !== undefined) context.onDrift({ kind: "api", ref: id as Ref });
    },
  });
}

const listed = (server: ServerDocument, readAt: Date): ListedServer => ({ ...server, readAt });

function markKeys(
  { description }: ServerDocument,
  valueOf: (mark: { readonly uid: string; readonly object: string }) => string,
): readonly string[] {
  const { mark } = readMarked(description);
  return mark === undefined ? [] : [`${mark.instance}/${valueOf(mark)}`];
}

export function createApis(shared: ApiParts): Apis {
  const { listing, parts, context } = shared;
  const observed = async (server: ListedServer): Promise<ObservedApi> =>
    apiFromServer(server, await parts.ensure(server.id as Ref), server.readAt);
  const byIndex = async (index: string, value: string): Promise<readonly ListedServer[]> => {
    await listing.ensure();
    return [...listing.byIndex(index, value)].sort((a, b) => timeOf(a.created) - timeOf(b.created));
  };
  const find = async (index: string, value: string): Promise<readonly ObservedApi[]> =>
    Promise.all((await byIndex(index, value)).map(observed));
  const get = async (ref: Ref): Promise<ListedServer | undefined> => {
    await listing.ensure();
    // Okta takes this name in place of the id of the org's own server, whose answer has the id.
    const known = listing.get(ref) ?? (ref === "default" ? listing.all().find(isShared) : undefined);
    if (known !== undefined || listing.isDropped(ref)) return known;
    return context.session.read(() => listing.confirm(ref));
  };
  // There is nothing to wait for: `get` finds out whether it is gone.
  const isUnlisted = (ref: Ref): boolean => listing.listedAt() !== undefined && listing.get(ref) === undefined;
  return {
    isKnown: (ref) => parts.known(ref) !== undefined || shared.isUnreadable(ref) || isUnlisted(ref),
    get: async (ref) => {
      const server = await get(ref);
      if (server === undefined) return undefined;
      try {
        return await observed(server);
      } catch (error) {
        if (!(error instanceof ProviderError) || error.code !== "not_found") throw error;
        // Gone since it was listed, or something else below it is not there.
        const confirmed = await context.session.read(() => listing.confirm(ref));
        if (confirmed !== undefined) throw error;
        return undefined;
      }
    },
    findByAudience: async (audience, since) => {
      const [oldest] = await byIndex("audience", audience);
      if (oldest !== undefined) return observed(oldest);
      if (listing.isListedSince(since)) return undefined;
      const found = await serversOf(context, audience);
      await Promise.all(found.map((id) => get(id)));
      const [read] = await byIndex("audience", audience);
      return read === undefined ? undefined : observed(read);
    },
    list: async () => {
      await listing.ensure();
      return Promise.all(listing.all().map(observed));
    },
    findByOwner: (instance, uid) => find("owner", `${instance}/${uid}`),
    findByObject: (instance, object) => find("object", `${instance}/${object}`),
    refresh: (notBefore) => listing.refresh(notBefore),
    create: async (spec, mark) => {
      const server = await createServer(shared, spec, mark);
      const ref = server.id as Ref;
      const { issuerMode: _sent, ...settings } = spec.settings ?? {};
      return shared.serial(ref, () => updateServer(shared, ref, { scopes: spec.scopes, settings }));
    },
    update: (ref, change) => shared.serial(ref, () => updateServer(shared, ref, change)),
    issuance: async ({ ref, audience }) => {
      const server = ref === undefined ? (await byIndex("audience", audience))[0] : await get(ref);
      if (server === undefined) return undefined;
      const refusedBecause = server.status === "INACTIVE" ? "its authorization server is not active" : undefined;
      return { ref: server.id as Ref, signingAlgorithm: "RS256", refusedBecause };
    },
    readSigningSecret: () => Promise.resolve(undefined),
    remove: (ref) => shared.serial(ref, () => removeServer(shared, ref)),
  };
}

/** IDs of the servers that have this audience, requested without a listing of all. */
async function serversOf({ session, sdk }: OktaContext, audience: string): Promise<readonly Ref[]> {
  const request = { q: audience, limit: 200 };
  const collection = await session.read(() => sdk.authorizationServerApi.listAuthorizationServers(request));
  const found: Ref[] = [];
  for await (const page of pagesOf<ServerDocument>(collection, (call) => session.read(call)))
    found.push(...page.filter(({ audiences }) => audiences.includes(audience)).map(({ id }) => id as Ref));
  return found;
}

async function createServer(
  { context: { session, sdk, clock }, listing, parts }: ApiParts,
  spec: ApiSpec,
  mark: Parameters<Apis["create"]>[1],
): Promise<ListedServer> {
  const body = serverBody(spec, mark);
  const made = await session.write(() =>
    sdk.authorizationServerApi.createAuthorizationServer({ authorizationServer: body }),
  );
  const server = listed(made as ServerDocument, clock.now());
  listing.put(server);
  // A fresh server has nothing below it but what the org put there.
  parts.start(server.id as Ref);
  return server;
}

type Change = Parameters<Apis["update"]>[1];

/** The server's own fields, then what is below it. */
async function updateServer(shared: ApiParts, ref: Ref, change: Change): Promise<ObservedApi> {
  const { context, listing, parts } = shared;
  const { session, clock } = context;
  const changed = changedServer(change);
  if (changed !== undefined)
    listing.put(listed((await session.change(pathOf(ref), changed)) as ServerDocument, clock.now()));
  if (change.restore === true) await activate(shared, ref);
  const { scopes } =
    change.restore === true && change.scopes === undefined ? await unchangedScopes(shared, ref) : change;
  const withdraw = (scope: string): Promise<void> => shared.withdrawScope(ref, scope);
  if (scopes !== undefined) await setScopes(context, parts, ref, scopes, withdraw);
  const claims = claimsIn(change.settings);
  if (claims !== undefined) await setClaims(context, parts, ref, claims);
  const server = listing.get(ref) ?? (await session.read(() => listing.confirm(ref)));
  if (server === undefined) throw new ProviderError("not_found", "The authorization server no longer exists at Okta.");
  return apiFromServer(server, await parts.ensure(ref), server.readAt);
}

/** The present scopes, so that the update corrects only their consent setting. */
async function unchangedScopes({ parts }: ApiParts, ref: Ref): Promise<Pick<Change, "scopes">> {
  return { scopes: scopesIn(await parts.ensure(ref)) };
}

async function activate({ context: { session, sdk }, listing }: ApiParts, ref: Ref): Promise<void> {
  const server = listing.get(ref);
  if (server?.status !== "INACTIVE") return;
  await session.write(() => sdk.authorizationServerApi.activateAuthorizationServer({ authServerId: ref }));
  listing.put({ ...server, status: "ACTIVE" });
}

async function removeServer({ context, listing, parts }: ApiParts, ref: Ref): Promise<void> {
  const { session, sdk } = context;
  const server = listing.get(ref);
  if (server !== undefined && isShared(server)) return;
  const request = { authServerId: ref };
  const api = sdk.authorizationServerApi;
  await removeSeen(context, {
    what: `authorization server ${ref}`,
    isActive: server?.status !== "INACTIVE",
    deactivate: () => api.deactivateAuthorizationServer(request),
    remove: () => api.deleteAuthorizationServer(request),
    read: async () => {
      const present = await session.read(() => listing.confirm(ref));
      return present === undefined ? undefined : { isActive: present.status === "ACTIVE" };
    },
  });
  listing.drop(ref);
  parts.drop(ref);
}
