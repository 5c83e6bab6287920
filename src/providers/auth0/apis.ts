import type { Management } from "auth0";
import { ResourceServersClient } from "auth0/resourceServers";
import type { Apis, ApiSpec, ApiTokens, ObservedApi, Ref, TokenProfile } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { createListing, type Listing } from "../../tenant/listing.ts";
import { noTokensBecause, settingsBody, apiSettingsOf } from "./api-settings.ts";
import type { Auth0Context } from "./context.ts";
import type { ApiDocument } from "./documents.ts";
import { numberedPages } from "./pages.ts";
import { orUndefined } from "./session.ts";

/** Longest lifetime of tokens for browsers that Auth0 sets by itself; it must never exceed `token_lifetime`. */
const DEFAULT_WEB_LIFETIME = 7200;

type Dialect = "access_token" | "access_token_authz" | "rfc9068_profile" | "rfc9068_profile_authz";

export function createApis(
  context: Auth0Context,
  onRemoved: (audience: string) => void,
): {
  readonly apis: Apis;
  readonly listing: Listing<ObservedApi>;
} {
  const { clock, session, options } = context;
  const sdk = new ResourceServersClient(options);
  // Beside what is compared: a change of it is none of the spec's.
  const refused = new Map<Ref, string>();
  const observe = (document: unknown): ObservedApi => {
    const server = document as ApiDocument;
    const api = apiFromDocument(server, context);
    const why = noTokensBecause(server);
    if (why === undefined) refused.delete(api.ref);
    else refused.set(api.ref, why);
    return api;
  };
  const listing = createListing<ObservedApi>({
    load: async function* () {
      for await (const page of numberedPages((request) => session.read(() => Promise.resolve(sdk.list(request)))))
        yield page.map(observe);
    },
    keyOf: (api) => api.ref,
    digestOf: ({ readAt: _readAt, ...api }) => JSON.stringify(api),
    indexes: { audience: (api) => [api.audience] },
    read: async (key) => {
      const server = await session.read(() => orUndefined(Promise.resolve(sdk.get(key))));
      return server === undefined ? undefined : observe(server);
    },
    clock,
    settleMs: context.settleMs,
    onDrift: (before, after) => {
      const ref = (after ?? before)?.ref;
      if (ref === undefined) return;
      if (after === undefined) refused.delete(ref);
      context.onDrift({ kind: "api", ref });
    },
  });
  const remember = (server: unknown): ObservedApi => {
    const api = observe(server);
    listing.put(api);
    return api;
  };
  const isReadSince = ({ readAt }: ObservedApi, since: Date | undefined): boolean =>
    since === undefined || readAt >= since;
  const get = async (ref: Ref, since?: Date): Promise<ObservedApi | undefined> => {
    await listing.ensure();
    const known = listing.get(ref);
    if (known === undefined ? listing.isDropped(ref) : isReadSince(known, since)) return known;
    return session.read(() => listing.confirm(ref));
  };
  const findByAudience = async (audience: string, since?: Date): Promise<ObservedApi | undefined> => {
    await listing.ensure();
    const [known] = listing.byIndex("audience", audience);
    // A write replaces the scopes as a whole.
    if (known !== undefined) return get(known.ref, since);
    if (listing.isListedSince(since)) return undefined;
    const { data } = await session.read(() => sdk.list({ identifiers: [audience] }));
    const found = data.find(({ identifier }) => identifier === audience);
    return found?.id === undefined ? undefined : get(found.id as Ref);
  };
  const apis: Apis = {
    // All of them come with one listing.
    isKnown: () => true,
    get,
    findByAudience,
    list: async () => {
      await listing.ensure();
      return listing.all();
    },
    findByOwner: () => Promise.resolve([]),
    findByObject: () => Promise.resolve([]),
    refresh: (notBefore) => listing.refresh(notBefore),
    issuance: async ({ audience }) => {
      const api = await findByAudience(audience);
      if (api === undefined) return undefined;
      return { ref: api.ref, signingAlgorithm: api.tokens.signingAlgorithm, refusedBecause: refused.get(api.ref) };
    },
    create: async (spec) => {
      const body = {
        identifier: spec.audience,
        ...webLifetimeBody(spec, undefined),
        ...bodyOf(spec),
      } as Management.CreateResourceServerRequestContent;
      try {
        return remember(await session.write(() => sdk.create(body)));
      } catch (error) {
        // Somebody made it since the last listing: it must be listed before the next try, or that would fail too.
        if (error instanceof ProviderError && error.code === "conflict") await listing.refresh(clock.now());
        throw error;
      }
    },
    update: async (ref, change) => {
      const body = { ...bodyOf(change), ...webLifetimeBody(change, listing.get(ref)) };
      return remember(
        await session.write(() => sdk.update(ref, body as Management.UpdateResourceServerRequestContent)),
      );
    },
    readSigningSecret: async (ref) => {
      const server = await session.read(() => orUndefined(Promise.resolve(sdk.get(ref))));
      return (server as ApiDocument | undefined)?.signing_secret ?? undefined;
    },
    remove: async (ref) => {
      await session.write(() => sdk.delete(ref));
      const audience = listing.get(ref)?.audience;
      listing.drop(ref);
      refused.delete(ref);
      if (audience !== undefined) onRemoved(audience);
    },
  };
  return { apis, listing };
}

/** What Auth0 leaves out is at its default; a signing secret becomes a fingerprint before anything else sees it. */
export function apiFromDocument(
  server: ApiDocument,
  context: Pick<Auth0Context, "fingerprint"> & { readonly clock: Pick<Auth0Context["clock"], "now"> },
): ObservedApi {
  const dialect = (server.token_dialect ?? "access_token") as Dialect;
  return {
    ref: server.id as Ref,
    audience: server.identifier,
    displayName: server.name ?? undefined,
    description: undefined,
    scopes: (server.scopes ?? []).map(({ value, description }) =>
      description == null ? { name: value } : { name: value, description },
    ),
    tokens: {
      lifetimeSeconds: server.token_lifetime ?? 86_400,
      signingAlgorithm: server.signing_alg ?? "RS256",
      profile: dialect.startsWith("rfc9068") ? "RFC9068" : "Auth0",
      permissions: dialect.endsWith("_authz") ? "Include" : "Omit",
    },
    settings: apiSettingsOf(server),
    mark: undefined,
    signingSecretFingerprint: server.signing_secret == null ? undefined : context.fingerprint(server.signing_secret),
    isImpaired: false,
    isSystem: server.is_system === true,
    readAt: context.clock.now(),
  };
}

function bodyOf(spec: Partial<Omit<ApiSpec, "audience">>): Record<string, unknown> {
  return {
    ...(spec.displayName === undefined ? {} : { name: spec.displayName }),
    ...(spec.scopes === undefined
      ? {}
      : { scopes: spec.scopes.map(({ name, description }) => ({ value: name, description: description ?? "" })) }),
    ...(spec.tokens === undefined ? {} : tokensBody(spec.tokens)),
    ...(spec.settings === undefined ? {} : settingsBody(spec.settings)),
  };
}

function tokensBody({ lifetimeSeconds, signingAlgorithm, profile, permissions }: ApiTokens): Record<string, unknown> {
  const isDialectSet = profile !== undefined || permissions !== undefined;
  return {
    ...(lifetimeSeconds === undefined ? {} : { token_lifetime: lifetimeSeconds }),
    ...(signingAlgorithm === undefined ? {} : { signing_alg: signingAlgorithm }),
    ...(isDialectSet ? { token_dialect: dialectOf(profile ?? "Auth0", permissions ?? "Omit") } : {}),
    // The permissions claim comes from role-based access control, which the two dialects with it need.
    ...(permissions === undefined ? {} : { enforce_policies: permissions === "Include" }),
  };
}

/** The lifetime for browsers must never exceed that for all: it is lowered with it, in the same request. */
function webLifetimeBody(
  { tokens, settings }: Partial<Omit<ApiSpec, "audience">>,
  present: ObservedApi | undefined,
): object {
  const lifetime = tokens?.lifetimeSeconds;
  const inForce = Number(present?.settings["webTokenLifetimeSeconds"] ?? DEFAULT_WEB_LIFETIME);
  if (lifetime === undefined || settings?.["webTokenLifetimeSeconds"] !== undefined || inForce <= lifetime) return {};
  return { token_lifetime_for_web: lifetime };
}

function dialectOf(profile: TokenProfile, permissions: "Include" | "Omit"): Dialect {
  const base = profile === "RFC9068" ? "rfc9068_profile" : "access_token";
  return permissions === "Include" ? `${base}_authz` : base;
}
