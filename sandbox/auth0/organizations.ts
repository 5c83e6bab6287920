import { createOrganization, linkGrant, parseBody, updateOrganization } from "./bodies.ts";
import { managementError } from "./errors.ts";
import { checkQuery, paged, PAGING, type Query, textOf } from "./paging.ts";
import { type Grant, newId, type Organization } from "./state.ts";
import type { Tenant } from "./tenant.ts";

const notFound = () => managementError(404, "No organization found by that id or name");

/** Machine-to-machine grants that one organization may hold. */
const MAX_GRANTS = 100;

function find({ state }: Tenant, id: string): Organization {
  if (!/^org_[A-Za-z0-9]{16}$/.test(id))
    throw managementError(
      400,
      `Path validation error: 'Object didn't pass validation for format organization-id: ${id}' on property id (Organization identifier).`,
      "invalid_uri",
    );
  const organization = state.organizations.get(id);
  if (organization === undefined) throw notFound();
  return organization;
}

export function listOrganizations(tenant: Tenant, query: Query): unknown {
  checkQuery(query, [...PAGING, "sort", "include_client_association_for"]);
  return paged([...tenant.state.organizations.values()], query, "organizations", true);
}

export function getOrganization(tenant: Tenant, id: string): Organization {
  return find(tenant, id);
}

export function getOrganizationByName({ state }: Tenant, name: string): Organization {
  const organization = [...state.organizations.values()].find((candidate) => candidate.name === name);
  if (organization === undefined) throw notFound();
  return organization;
}

export function postOrganization({ state }: Tenant, body: unknown): Organization {
  const given = parseBody(createOrganization, body);
  if ([...state.organizations.values()].some(({ name }) => name === given.name))
    throw managementError(409, "An organization with this name already exists.");
  const organization: Organization = {
    id: newId.organization(),
    ...given,
    display_name: given.display_name ?? given.name,
    third_party_client_access: given.third_party_client_access ?? "block",
    is_app_entitlement_active: given.is_app_entitlement_active ?? false,
  };
  state.organizations.set(organization.id, organization);
  return organization;
}

export function patchOrganization(tenant: Tenant, id: string, body: unknown): Organization {
  const change = parseBody(updateOrganization, body);
  const organization = find(tenant, id);
  for (const [name, value] of Object.entries(change)) {
    const isEmptied = name === "metadata" && Object.keys(value as object).length === 0;
    if (value === null || isEmptied) Reflect.deleteProperty(organization, name);
    else organization[name] = value;
  }
  return organization;
}

/** Unlike other types, an organization that is not there is an error. */
export function deleteOrganization(tenant: Tenant, id: string): void {
  find(tenant, id);
  tenant.state.organizations.delete(id);
  for (const links of tenant.state.grantOrganizations.values()) links.delete(id);
}

const linksOf = ({ state }: Tenant, grantId: string): Set<string> => {
  const links = state.grantOrganizations.get(grantId) ?? new Set<string>();
  state.grantOrganizations.set(grantId, links);
  return links;
};

function grantsOf(tenant: Tenant, organization: string): readonly Grant[] {
  return [...tenant.state.grants.values()].filter(({ id }) => linksOf(tenant, id).has(organization));
}

export function listOrganizationGrants(tenant: Tenant, id: string, query: Query): unknown {
  checkQuery(query, [...PAGING, "audience", "client_id", "grant_ids"]);
  find(tenant, id);
  const wanted = query["grant_ids"];
  const ids = typeof wanted === "string" ? [wanted] : wanted;
  const matching = grantsOf(tenant, id).filter(
    (grant) =>
      (ids === undefined || ids.includes(grant.id)) &&
      (textOf(query, "audience") ?? grant.audience) === grant.audience &&
      (textOf(query, "client_id") ?? grant.client_id) === grant.client_id,
  );
  return paged(matching, query, "client_grants", false);
}

export function postOrganizationGrant(tenant: Tenant, id: string, body: unknown): object {
  const { grant_id: grantId } = parseBody(linkGrant, body);
  find(tenant, id);
  const grant = tenant.state.grants.get(grantId);
  if (grant === undefined) throw managementError(404, "The grant does not exist.", "inexistent_client_grant");
  const links = linksOf(tenant, grantId);
  if (links.has(id)) throw managementError(409, "The client grant has already been added to this organization.");
  if (grantsOf(tenant, id).length >= MAX_GRANTS)
    throw managementError(409, "Quota exceeded; cannot add more than 100 client grants to a single organization");
  links.add(id);
  const { id: _id, subject_type: _subject, ...shown } = grant;
  return { grant_id: grantId, ...shown };
}

export function deleteOrganizationGrant(tenant: Tenant, id: string, grantId: string): void {
  find(tenant, id);
  linksOf(tenant, grantId).delete(id);
}

export function listGrantOrganizations(tenant: Tenant, grantId: string, query: Query): unknown {
  checkQuery(query, PAGING);
  if (!tenant.state.grants.has(grantId))
    throw managementError(404, "The grant does not exist.", "inexistent_client_grant");
  const links = linksOf(tenant, grantId);
  const organizations = [...tenant.state.organizations.values()].filter(({ id }) => links.has(id));
  return paged(organizations, query, "organizations", true);
}
