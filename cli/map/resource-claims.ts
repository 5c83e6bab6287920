import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { OAuthApi } from "../../src/kinds/oauth-api/schema.ts";
import type { ScopeGrant } from "../../src/kinds/scope-grant/schema.ts";
import type { MapOrganizations, Origin } from "./model.ts";

/** That a client may call an API, as one resource says it. */
export interface Claim {
  /** The M2MClient, or every client of the tenant. */
  readonly client: { readonly namespace: string; readonly name: string } | "everyone";
  /** The OAuthApi, or the audience of an API that only the tenant knows. */
  readonly api: { readonly namespace: string; readonly name: string } | { readonly audience: string };
  readonly origin: Origin;
  /** As the resource records them: where a side is not among those that were read. */
  readonly tenant?: string;
  readonly audience?: string;
  readonly organizations?: MapOrganizations;
}

interface Resources {
  readonly apis: readonly OAuthApi[];
  readonly clients: readonly M2MClient[];
  readonly grants: readonly ScopeGrant[];
}

/** Everything that the resources say. What a ScopeGrant says itself is not taken again from the status of its two sides. */
export function claimsOf({ apis, clients, grants }: Resources): readonly Claim[] {
  const told = new Set(grants.map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`));
  const own = grants.flatMap(claimOfGrant);
  const ofApis = apis.flatMap((api) => claimsOfApi(api, told));
  for (const { origin } of ofApis) told.add(`${origin.namespace ?? ""}/${origin.name ?? ""}`);
  return [...own, ...ofApis, ...clients.flatMap((client) => [...claimsOfClient(client, told), ...unmanagedOf(client)])];
}

function claimOfGrant({ metadata, spec, status }: ScopeGrant): readonly Claim[] {
  const { namespace = "", name } = metadata;
  if (status?.grantedScopes === undefined) return [];
  const { clientRef, apiRef, externalAudience = "" } = spec;
  const { tenant, audience } = status;
  return [
    {
      client: clientRef === undefined ? "everyone" : { namespace, name: clientRef.name },
      api:
        apiRef === undefined
          ? { audience: externalAudience }
          : { namespace: apiRef.namespace ?? namespace, name: apiRef.name },
      origin: { by: "ScopeGrant", namespace, name, scopes: status.grantedScopes },
      ...(tenant === undefined ? {} : { tenant }),
      ...(audience === undefined ? {} : { audience }),
      ...organizationsOf(spec, status),
    },
  ];
}

function organizationsOf(
  { organizations }: ScopeGrant["spec"],
  status: NonNullable<ScopeGrant["status"]>,
): Pick<Claim, "organizations"> {
  if (organizations === undefined || organizations.usage === "Deny") return {};
  const { usage, any = false } = organizations;
  const ids = (status.organizations ?? []).map(({ id }) => id);
  return { organizations: { usage, any, ids } };
}

/** Of ScopeGrants in namespaces that were not read. */
function claimsOfApi({ metadata, spec, status }: OAuthApi, told: ReadonlySet<string>): readonly Claim[] {
  const api = { namespace: metadata.namespace ?? "", name: metadata.name };
  return (status?.grants ?? [])
    .filter(({ namespace, name }) => !told.has(`${namespace}/${name}`))
    .map(({ namespace, name, client, scopes, scopeCount }) => ({
      ...{ api, audience: spec.audience },
      client: client === undefined ? ("everyone" as const) : { namespace, name: client },
      origin: { by: "ScopeGrant" as const, namespace, name, scopes, ...more(scopes, scopeCount) },
    }));
}

/** Of ScopeGrants that could not be read. */
function claimsOfClient({ metadata, status }: M2MClient, told: ReadonlySet<string>): readonly Claim[] {
  const { namespace = "" } = metadata;
  return (status?.grants ?? [])
    .filter(({ name }) => !told.has(`${namespace}/${name}`))
    .map(({ name, api = "", scopes, scopeCount }) => ({
      client: { namespace, name: metadata.name },
      api: apiNamed(api),
      origin: { by: "ScopeGrant", namespace, name, scopes, ...more(scopes, scopeCount) },
    }));
}

/** A list in status shows only the first scopes. */
const more = (scopes: readonly string[], count = scopes.length): { readonly more?: number } =>
  count > scopes.length ? { more: count - scopes.length } : {};

/** `namespace/name` of an OAuthApi, or an audience. */
function apiNamed(text: string): Claim["api"] {
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text) ?? [];
  return namespace === undefined || name === undefined ? { audience: text } : { namespace, name };
}

function unmanagedOf({ metadata, status }: M2MClient): readonly Claim[] {
  return (status?.unmanagedGrants ?? []).map(({ audience, scopes }) => ({
    client: { namespace: metadata.namespace ?? "", name: metadata.name },
    api: { audience },
    origin: { by: "Tenant", scopes },
  }));
}
