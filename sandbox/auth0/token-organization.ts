import { tokenError } from "./errors.ts";
import type { Client, Grant, Organization } from "./state.ts";
import type { Tenant } from "./tenant.ts";

/** The vendor's texts for these refusals were found nowhere; these are neutral. */
const denied = (description: string) => tokenError(403, "access_denied", description);

/** Which organization the token is bound to, by the grant's usage, the request and the client's default. */
export function organizationOf(tenant: Tenant, client: Client, grant: Grant, asked: unknown): Organization | undefined {
  const usage = (grant["organization_usage"] ?? "deny") as "deny" | "allow" | "require";
  const wanted = typeof asked === "string" && asked !== "" ? asked : undefined;
  if (usage === "deny") {
    if (wanted !== undefined) throw denied("Organizations cannot be used with this client grant.");
    return undefined;
  }
  const name = wanted ?? (usage === "require" ? defaultOf(client) : undefined);
  if (name === undefined) {
    if (usage === "require") throw denied("An organization is required.");
    return undefined;
  }
  return checked(tenant, grant, find(tenant, name));
}

function checked(tenant: Tenant, grant: Grant, organization: Organization | undefined): Organization {
  if (organization === undefined) throw denied("The organization does not exist.");
  const isLinked = tenant.state.grantOrganizations.get(grant.id)?.has(organization.id) === true;
  if (!isLinked && grant["allow_any_organization"] !== true)
    throw denied("The client is not authorized for this organization.");
  return organization;
}

function defaultOf(client: Client): string | undefined {
  const { organization_id: id, flows = [] } = (client["default_organization"] ?? {}) as {
    organization_id?: string;
    flows?: readonly string[];
  };
  return flows.includes("client_credentials") ? id : undefined;
}

/** By name only where the tenant allows it. */
function find({ state }: Tenant, name: string): Organization | undefined {
  const byId = state.organizations.get(name);
  if (byId !== undefined || state.settings["allow_organization_name_in_authentication_api"] !== true) return byId;
  return [...state.organizations.values()].find((organization) => organization.name === name);
}
