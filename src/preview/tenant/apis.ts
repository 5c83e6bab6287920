import type {
  ApiChange,
  Apis,
  ApiScope,
  ApiSpec,
  ApiTokens,
  Capabilities,
  ObservedApi,
  Ref,
} from "../../ports/provider.ts";
import type { Mark } from "../../ports/mark.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { GrantEffects } from "./grants.ts";
import type { Layer } from "./layer.ts";
import { createLookup } from "./lookup.ts";
import type { FormatGuard } from "./token-format.ts";
import { isPlaceholder } from "./placeholders.ts";
import { notFound, type TenantRoom } from "./room.ts";

/** The tenant's APIs under the writes of a preview. */
export function simulatedApis(
  room: TenantRoom,
  layer: Layer<ObservedApi>,
  grants: GrantEffects,
  format: FormatGuard,
): Apis {
  const { apis } = room.tenant;
  const signingSecrets = new Map<Ref, string>();
  const restored = new Set<Ref>();
  const lookup = createLookup<ObservedApi>();
  const get: Apis["get"] = async (ref) => (layer.isWritten(ref) ? layer.known(ref) : layer.over(await apis.get(ref)));
  const findByAudience: Apis["findByAudience"] = async (audience, since) => {
    const read = await lookup(audience, since, (when) => apis.findByAudience(audience, when));
    return layer.overAll(read === undefined ? [] : [read], (api) => api.audience === audience)[0];
  };
  const list: Apis["list"] = async () => layer.overAll(await apis.list(), () => true);
  return {
    isKnown: (ref) => layer.isWritten(ref) || apis.isKnown(ref),
    get,
    findByAudience,
    list,
    findByOwner: async (instance, uid) =>
      layer.overAll(
        await apis.findByOwner(instance, uid),
        carrying(instance, (mark) => mark.uid === uid),
      ),
    findByObject: async (instance, object) =>
      layer.overAll(
        await apis.findByObject(instance, object),
        carrying(instance, (mark) => mark.object === object),
      ),
    // A preview rests on the view that there is.
    refresh: () => Promise.resolve(),
    create: async (spec, mark) => {
      if (!room.capabilities.sharesAudiences && (await findByAudience(spec.audience)) !== undefined)
        throw new ProviderError("conflict", "An API with this audience exists already.");
      await assertScopesFree(room, list, spec.audience, spec.scopes);
      const api = withSigningSecret(room, signingSecrets, createdApi(room, spec, mark));
      layer.put(api);
      return api;
    },
    update: async (ref, change) => {
      const before = await get(ref);
      if (before === undefined) throw notFound("API");
      await assertScopesFree(room, list, change.audience ?? before.audience, change.scopes ?? []);
      const after = changedApi(room, before, change);
      if (change.tokens !== undefined) await format.assertChangeable(after);
      layer.put(after);
      if (change.restore === true) restored.add(ref);
      if (room.capabilities.scopesLeaveGrants !== undefined) grants.withdraw(before, removedScopes(before, after));
      return after;
    },
    issuance: async (granted) => {
      const api = granted.ref === undefined ? await findByAudience(granted.audience) : await get(granted.ref);
      if (api === undefined) return undefined;
      const read = isPlaceholder(api.ref) ? undefined : await apis.issuance(granted);
      const signingAlgorithm = api.tokens.signingAlgorithm ?? read?.signingAlgorithm;
      return {
        ref: api.ref,
        signingAlgorithm,
        refusedBecause: restored.has(api.ref) ? undefined : read?.refusedBecause,
      };
    },
    readSigningSecret: async (ref) =>
      (await get(ref))?.signingSecretFingerprint === undefined
        ? undefined
        : (signingSecrets.get(ref) ?? (await apis.readSigningSecret(ref))),
    remove: async (ref) => {
      const api = await get(ref);
      layer.drop(ref);
      if (api !== undefined) grants.dropOfApi(api);
    },
  };
}

/** Throws `disputed` for a name that another API has, where the provider takes each name once. */
async function assertScopesFree(
  { capabilities }: TenantRoom,
  list: Apis["list"],
  audience: string,
  scopes: readonly ApiScope[],
): Promise<void> {
  if (capabilities.scopeNamesPerTenant !== true || scopes.length === 0) return;
  const names = new Set(scopes.map(({ name }) => name));
  for (const other of await list()) {
    const taken = other.audience === audience ? undefined : other.scopes.find(({ name }) => names.has(name));
    if (taken !== undefined)
      throw new ProviderError(
        "disputed",
        `The API ${other.audience} has the scope "${taken.name}". Scope names are unique in a tenant: rename one of the two.`,
      );
  }
}

/** Those that carry a mark of this installation. */
export const carrying =
  (instance: string, isOne: (mark: Mark) => boolean) =>
  ({ mark }: { readonly mark: Mark | undefined }): boolean =>
    mark?.instance === instance && isOne(mark);

/** An API that is created to sign with a shared secret gets one. The provider chooses it. */
function withSigningSecret(
  { placeholders, fingerprint }: TenantRoom,
  secrets: Map<Ref, string>,
  api: ObservedApi,
): ObservedApi {
  const isShared = api.tokens.signingAlgorithm?.startsWith("HS") === true;
  if (!isShared || api.signingSecretFingerprint !== undefined) return api;
  const secret = placeholders.secret();
  secrets.set(api.ref, secret);
  return { ...api, signingSecretFingerprint: fingerprint(secret) };
}

function createdApi(room: TenantRoom, spec: ApiSpec, mark: Mark): ObservedApi {
  const { capabilities, placeholders, now } = room;
  const tokens: ApiTokens = { ...defaultTokens(capabilities), ...spec.tokens };
  return {
    ref: placeholders.ref("API"),
    audience: spec.audience,
    displayName: spec.displayName,
    description: spec.description,
    scopes: spec.scopes,
    tokens,
    settings: spec.settings ?? {},
    mark: capabilities.marksApis ? mark : undefined,
    signingSecretFingerprint: undefined,
    isImpaired: false,
    isSystem: false,
    readAt: now(),
  };
}

/** The default lifetime is the vendor's, and no resource compares it with one that it does not set. */
function defaultTokens({ signingAlgorithms, profiles, permissionsClaim }: Capabilities): ApiTokens {
  const [signingAlgorithm] = signingAlgorithms;
  const [profile] = profiles;
  return {
    ...(signingAlgorithm === undefined ? {} : { signingAlgorithm }),
    ...(profile === undefined ? {} : { profile }),
    ...(permissionsClaim ? { permissions: "Omit" as const } : {}),
  };
}

function changedApi({ capabilities, now }: TenantRoom, before: ObservedApi, change: ApiChange): ObservedApi {
  const { restore, mark, tokens, settings, ...fields } = change;
  return {
    ...before,
    ...fields,
    tokens: { ...before.tokens, ...tokens },
    settings: { ...before.settings, ...settings },
    ...(mark === undefined || !capabilities.marksApis ? {} : { mark: mark ?? undefined }),
    ...(restore === true ? { isImpaired: false } : {}),
    readAt: now(),
  };
}

function removedScopes(before: ObservedApi, after: ObservedApi): readonly string[] {
  const left = new Set(after.scopes.map(({ name }) => name));
  return before.scopes.map(({ name }) => name).filter((name) => !left.has(name));
}
