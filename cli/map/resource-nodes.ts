import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { OAuthApi } from "../../src/kinds/oauth-api/schema.ts";
import { CLUSTER_KIND, namedProvider, providerText, type ProviderRef } from "../../src/kinds/relations/provider-ref.ts";
import { uses } from "../status/tree.ts";
import type { Credential, MapApi, MapClient, MapTenant } from "./model.ts";

/** In place of an API's or a client's own name in an ID: the ID stands alone in JSON. */
export const clientIdOf = (namespace: string, name: string): string => `M2MClient ${namespace}/${name}`;
export const apiIdOf = (namespace: string, name: string): string => `OAuthApi ${namespace}/${name}`;
export const everyoneIdOf = (tenant: string): string => `${tenant} *`;

/** The provider object for people. One of a namespace has the namespace with it. */
export const providerTitle = ({ kind, metadata }: Pick<ProviderResource, "kind" | "metadata">): string =>
  metadata.namespace === undefined ? `${kind}/${metadata.name}` : `${kind}/${metadata.namespace}/${metadata.name}`;

/** The tenant by its host. Only simulated tenants of two vendors have one host: there the vendor tells them apart. */
export function tenantName(providers: readonly ProviderResource[], host: string, vendor: string | undefined): string {
  const here = providers.filter(({ status }) => status?.tenant === host).map(({ status }) => status?.vendor);
  return vendor !== undefined && new Set([...here, vendor]).size > 1 ? `${host} (${vendor})` : host;
}

/** The canonical name where it is known, else the provider object in its place. */
export function tenantIdOf(
  providers: readonly ProviderResource[],
  namespace: string | undefined,
  ref: ProviderRef | undefined,
  recorded: string | undefined,
): string {
  const used = providers.find((provider) => uses(namespace, ref, provider));
  const host = recorded ?? used?.status?.tenant;
  if (host !== undefined) return tenantName(providers, host, used?.status?.vendor);
  if (used !== undefined) return providerTitle(used);
  const { kind, name } = namedProvider(ref);
  return kind === CLUSTER_KIND ? providerText(ref) : `${kind}/${namespace ?? ""}/${name}`;
}

/** One tenant for every provider object, and for what the resources record besides. */
export function tenantsOf(providers: readonly ProviderResource[], recorded: Iterable<string>): readonly MapTenant[] {
  const tenants = new Map<string, MapTenant>();
  for (const provider of providers) {
    const { vendor, tenant, oldestReadAt } = provider.status ?? {};
    const id = tenant === undefined ? providerTitle(provider) : tenantName(providers, tenant, vendor);
    const known = tenants.get(id);
    tenants.set(id, {
      ...{ id, source: "status" },
      ...(vendor === undefined ? {} : { vendor }),
      providers: [...(known?.providers ?? []), providerTitle(provider)],
      ...earliest(known?.readAt, oldestReadAt),
    });
  }
  for (const id of recorded) if (!tenants.has(id)) tenants.set(id, { id, source: "status", providers: [] });
  return [...tenants.values()];
}

function earliest(...times: readonly (string | undefined)[]): Pick<MapTenant, "readAt"> {
  const [first] = times.filter((time) => time !== undefined).sort();
  return first === undefined ? {} : { readAt: first };
}

/** A client as its resource describes it. */
export function clientNode(providers: readonly ProviderResource[], client: M2MClient): MapClient {
  const { metadata, spec, status } = client;
  const { namespace = "", name } = metadata;
  const { clientId, authenticationMethod: method } = status ?? {};
  return {
    id: clientIdOf(namespace, name),
    tenant: tenantIdOf(providers, namespace, spec.providerRef, status?.tenant),
    ...{ namespace, name },
    ...(clientId === undefined ? {} : { clientId }),
    ...(method === undefined ? {} : { method }),
    ...credentialOf(client),
    ...(spec.enabled === false ? { restriction: "spec.enabled is false" } : {}),
  };
}

function credentialOf({ status }: M2MClient): { readonly credential?: Credential } {
  const { credentials = [], nextRotationAt } = status ?? {};
  const current = credentials.find(({ state }) => state === "Current");
  if (current === undefined) return {};
  const retiring = credentials.filter(({ state }) => state === "Retiring").length;
  return {
    credential: { createdAt: current.createdAt, ...(nextRotationAt === undefined ? {} : { nextRotationAt }), retiring },
  };
}

/** An API as its resource describes it. */
export function apiNode(providers: readonly ProviderResource[], { metadata, spec, status }: OAuthApi): MapApi {
  const { namespace = "", name } = metadata;
  return {
    id: apiIdOf(namespace, name),
    tenant: tenantIdOf(providers, namespace, spec.providerRef, status?.tenant),
    ...{ namespace, name, audience: spec.audience },
  };
}
