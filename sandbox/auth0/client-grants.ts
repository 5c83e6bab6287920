import { PLANS } from "../limits.ts";
import { createGrant, parseBody, updateGrant } from "./bodies.ts";
import { managementError, tooManyEntities } from "./errors.ts";
import { checkQuery, paged, PAGING, type Query, textOf } from "./paging.ts";
import { type Grant, newId } from "./state.ts";
import type { Tenant } from "./tenant.ts";

const notFound = () => managementError(404, "The grant does not exist.", "inexistent_client_grant");

export function listGrants(tenant: Tenant, query: Query): unknown {
  checkQuery(query, [...PAGING, "audience", "client_id", "allow_any_organization", "subject_type", "default_for"]);
  const is = (name: string, value: unknown): boolean => {
    const wanted = textOf(query, name);
    return wanted === undefined || wanted === String(value);
  };
  const matching = [...tenant.state.grants.values()].filter(
    (grant) =>
      is("audience", grant.audience) &&
      is("client_id", grant.client_id) &&
      is("subject_type", grant.subject_type) &&
      is("allow_any_organization", grant["allow_any_organization"] ?? false) &&
      is("default_for", grant["default_for"]),
  );
  return paged(matching, query, "client_grants", true);
}

export function getGrant(tenant: Tenant, id: string): Grant {
  const grant = tenant.state.grants.get(id);
  if (grant === undefined) throw notFound();
  return grant;
}

export function postGrant(tenant: Tenant, body: unknown): Grant {
  const given = parseBody(createGrant, body);
  const { state, plan } = tenant;
  const clientId = given.client_id ?? "";
  const subject = given.subject_type ?? "client";
  if (given.default_for === undefined && !state.clients.has(clientId)) throw managementError(404, "Client not found");
  if (![...state.resourceServers.values()].some((api) => api.identifier === given.audience))
    throw managementError(404, `No resource with identifier ${given.audience}`);
  const duplicate = [...state.grants.values()].some(
    (grant) => grant.client_id === clientId && grant.audience === given.audience && grant.subject_type === subject,
  );
  if (duplicate) throw managementError(409, `A client grant already exists between ${clientId} and ${given.audience}`);
  if (state.grants.size - 1 >= PLANS[plan].entities.grants) throw tooManyEntities();
  const { allow_all_scopes: isAll, scope = [], ...rest } = given;
  const grant = {
    ...rest,
    id: newId.grant(),
    ...(given.default_for === undefined ? { client_id: clientId } : {}),
    audience: given.audience,
    subject_type: subject,
    ...(isAll === true ? { allow_all_scopes: true } : { scope: keptScopes(tenant, given.audience, scope) }),
  } as Grant;
  state.grants.set(grant.id, grant);
  return grant;
}

export function patchGrant(tenant: Tenant, id: string, body: unknown): Grant {
  const change = parseBody(updateGrant, body);
  const grant = tenant.state.grants.get(id);
  if (grant === undefined) throw notFound();
  for (const [name, value] of Object.entries(change)) {
    if (value === null) Reflect.deleteProperty(grant, name);
    else grant[name] = value;
  }
  if (grant["allow_all_scopes"] === true) Reflect.deleteProperty(grant, "scope");
  else grant.scope = keptScopes(tenant, grant.audience, grant.scope ?? []);
  return grant;
}

/** Scopes are not checked against the API, except that the tenant's own APIs silently drop what they do not have. */
function keptScopes({ state }: Tenant, audience: string, scope: readonly string[]): string[] {
  const api = [...state.resourceServers.values()].find(({ identifier }) => identifier === audience);
  if (api?.["is_system"] !== true) return [...scope];
  const declared = new Set((api["scopes"] as readonly { value: string }[]).map(({ value }) => value));
  return scope.filter((value) => declared.has(value));
}

export function deleteGrant(tenant: Tenant, id: string): void {
  tenant.state.grants.delete(id);
  tenant.state.grantOrganizations.delete(id);
}
