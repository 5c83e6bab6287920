import { ALL_CLIENTS } from "../../src/ports/provider/ref.ts";
import type { Caller, ObservedApi, ObservedClient, ObservedGrant, Provider } from "../../src/ports/provider.ts";
import type { TenantApi, TenantCaller, TenantClient, TenantReading } from "../map/tenant-reading.ts";

/** Reads who may call what at a tenant, no matter who made it. Rejects with what the tenant said. */
export async function readAccess(provider: Provider, now: Date): Promise<TenantReading> {
  await provider.refresh(now);
  const apis = await provider.apis.list();
  const clients = await provider.clients.list();
  const callers: TenantCaller[] = [];
  // One API after the other: some tenants need requests of their own for each.
  for (const api of apis) callers.push(...(await callersOf(provider, api)));
  const { tenant, vendor } = provider;
  return {
    ...{ tenant, vendor, readAt: now.toISOString(), callers },
    apis: await Promise.all(apis.map((api) => apiOf(provider, api))),
    clients: clients.map(clientOf),
    notes: provider.unreadable().map(({ what, why }) => `not shown: ${what} of ${tenant} (${why})`),
  };
}

async function apiOf({ apis }: Provider, { ref, audience, displayName }: ObservedApi): Promise<TenantApi> {
  const restriction = (await apis.issuance({ ref, audience }))?.refusedBecause;
  return { ref, audience, displayName, restriction };
}

function clientOf(client: ObservedClient): TenantClient {
  const { ref, clientId, displayName, authenticationMethod: method, mark } = client;
  return { ref, clientId, displayName, method, ownerHash: mark?.object, restriction: restrictionOf(client) };
}

function restrictionOf({ isEnabled, lacksGrantType }: ObservedClient): string | undefined {
  if (!isEnabled) return "the client is disabled";
  return lacksGrantType === true ? "the client may not use the client credentials grant" : undefined;
}

async function callersOf(provider: Provider, api: ObservedApi): Promise<readonly TenantCaller[]> {
  const { grants } = provider;
  if (grants.callers !== undefined) return (await grants.callers(api)).map((caller) => callerOf(caller, api));
  const own = (await grants.ofApi(api)).filter(({ isForeign }) => isForeign !== true);
  return Promise.all(own.map((grant) => callerByGrant(provider, grant, api)));
}

const callerOf = ({ client, scopes, allScopes }: Caller, api: ObservedApi): TenantCaller => ({
  client: client === ALL_CLIENTS ? undefined : client,
  ...{ api: api.ref, scopes, everyScope: allScopes, organizations: undefined },
});

/** A grant of every scope lists none. Scopes that the API does not define are in no token. */
async function callerByGrant(provider: Provider, grant: ObservedGrant, api: ObservedApi): Promise<TenantCaller> {
  const defined = api.scopes.map(({ name }) => name);
  const scopes = grant.allScopes ? defined : grant.scopes.filter((scope) => defined.includes(scope));
  return { ...callerOf({ ...grant, scopes }, api), organizations: await organizationsOf(provider, grant, api) };
}

/** Links to organizations are read only where they decide. */
async function organizationsOf(
  { grants }: Provider,
  grant: ObservedGrant,
  api: ObservedApi,
): Promise<TenantCaller["organizations"]> {
  const { usage, any } = grant.organizations;
  if (usage === "Deny") return undefined;
  const ids = any ? undefined : (await grants.find(grant.client, api, true))?.organizations.ids;
  return { usage, any, ...(ids === undefined ? {} : { ids }) };
}
