import type {
  GrantChange,
  GrantedApi,
  Grants,
  GrantSpec,
  ObservedApi,
  ObservedGrant,
  Ref,
} from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Layer } from "./layer.ts";
import { createLookup } from "./lookup.ts";
import type { FormatGuard } from "./token-format.ts";
import { isPlaceholder } from "./placeholders.ts";
import { notFound, type TenantRoom } from "./room.ts";

/** What writes to clients and APIs do to grants. */
export interface GrantEffects {
  /** The client is gone. */
  dropOfClient(client: Ref): void;
  /** The API is gone. */
  dropOfApi(api: ObservedApi): void;
  /** Scopes of the API are gone, and the provider takes them out of grants. */
  withdraw(api: ObservedApi, scopes: readonly string[]): void;
}

/** Changes the layer as the provider itself does. */
export function grantEffects({ capabilities }: TenantRoom, layer: Layer<ObservedGrant>): GrantEffects {
  const isOn = (grant: ObservedGrant, { ref, audience }: ObservedApi): boolean =>
    capabilities.sharesAudiences ? grant.api === ref : grant.audience === audience;
  return {
    dropOfClient: (client) => {
      layer.changeAll((grant) => (grant.client === client ? undefined : grant));
    },
    dropOfApi: (api) => {
      layer.changeAll((grant) => (isOn(grant, api) ? undefined : grant));
    },
    withdraw: (api, scopes) => {
      if (scopes.length === 0) return;
      layer.changeAll((grant) => {
        const left = grant.scopes.filter((scope) => !scopes.includes(scope));
        if (!isOn(grant, api) || grant.isForeign === true || left.length === grant.scopes.length) return grant;
        return {
          ...grant,
          scopes: left,
          ...(left.length === 0 && capabilities.scopesLeaveGrants === "impaired"
            ? { isImpaired: true, lifetimeSeconds: undefined }
            : {}),
        };
      });
    },
  };
}

/** The tenant's grants under the writes of a preview. */
export function simulatedGrants(room: TenantRoom, layer: Layer<ObservedGrant>, format: FormatGuard): Grants {
  const { grants } = room.tenant;
  const lookup = createLookup<ObservedGrant>();
  const { sharesAudiences, grantsToAllClients } = room.capabilities;
  const isOn = (grant: ObservedGrant, { ref, audience }: GrantedApi): boolean =>
    sharesAudiences && ref !== undefined ? grant.api === ref : grant.audience === audience;
  /** Nothing that the tenant could know of. */
  const isNew = (...refs: readonly (Ref | undefined)[]): boolean =>
    refs.some((ref) => ref !== undefined && isPlaceholder(ref));
  const find: Grants["find"] = async (client, api, withOrganizations, since) => {
    const read = isNew(client, sharesAudiences ? api.ref : undefined)
      ? undefined
      : await lookup(`${client} ${api.ref ?? api.audience}`, since, (when) =>
          grants.find(client, api, withOrganizations, when),
        );
    const isOne = (grant: ObservedGrant): boolean =>
      grant.client === client && grant.isForeign !== true && isOn(grant, api);
    const [grant] = layer.overAll(read === undefined ? [] : [read], isOne);
    return grant === undefined || !withOrganizations ? grant : withIds(grant, read);
  };
  const update: Grants["update"] = async (ref, change) => {
    const before = layer.known(ref);
    if (before === undefined) throw notFound("grant");
    await format.assertGrantable(before.client, before.audience);
    const after = { ...changedGrant(before, change), readAt: room.now() };
    layer.put(after);
    return after;
  };
  return {
    find,
    ofClient: async (client) => {
      const read = isNew(client) ? [] : await grants.ofClient(client);
      const isOne = (grant: ObservedGrant): boolean => grant.client === client && grant.isForeign !== true;
      return read === undefined ? undefined : layer.overAll(read, isOne);
    },
    ofApi: async (api) => {
      const read = isNew(sharesAudiences ? api.ref : undefined) ? [] : await grants.ofApi(api);
      return layer.overAll(read, (grant) => isOn(grant, api));
    },
    create: async (spec) => {
      if (spec.client === ALL_CLIENTS && !grantsToAllClients)
        throw new ProviderError("unsupported", "The provider grants scopes to one client at a time.");
      const existing = await find(spec.client, spec.api, false);
      if (existing !== undefined) return update(existing.ref, { ...wishOf(spec), restore: true });
      await format.assertGrantable(spec.client, spec.api.audience);
      const grant = createdGrant(room, spec);
      layer.put(grant);
      return grant;
    },
    update,
    remove: (ref) => {
      layer.drop(ref);
      return Promise.resolve();
    },
  };
}

/** Organizations of a grant that the preview wrote are those that the tenant shows, unless it wrote them too. */
function withIds(grant: ObservedGrant, read: ObservedGrant | undefined): ObservedGrant {
  const ids = grant.organizations.ids ?? read?.organizations.ids ?? [];
  return { ...grant, organizations: { ...grant.organizations, ids } };
}

const wishOf = ({ client: _client, api: _api, ...wish }: GrantSpec): GrantChange => wish;

function createdGrant({ capabilities, placeholders, now }: TenantRoom, spec: GrantSpec): ObservedGrant {
  const { usage = "Deny", any = false, ids } = spec.organizations ?? {};
  return {
    ref: placeholders.ref("grant"),
    client: spec.client,
    api: capabilities.sharesAudiences ? spec.api.ref : undefined,
    audience: spec.api.audience,
    scopes: spec.scopes,
    allScopes: false,
    organizations: { usage, any, ids },
    lifetimeSeconds: spec.lifetimeSeconds,
    duplicates: [],
    isImpaired: false,
    overriddenBy: [],
    isSystem: false,
    readAt: now(),
  };
}

function changedGrant(before: ObservedGrant, change: GrantChange): ObservedGrant {
  const { scopes, organizations, lifetimeSeconds, restore } = change;
  const { any, ids } = before.organizations;
  return {
    ...before,
    ...(scopes === undefined ? {} : { scopes, allScopes: false }),
    ...(organizations === undefined ? {} : { organizations: { any, ids, ...organizations } }),
    ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
    ...(restore === true ? { isImpaired: false } : {}),
  };
}
