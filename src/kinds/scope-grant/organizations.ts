import type { AllowedOrganizations } from "../../consent/provider-consent.ts";
import type { GrantOrganizations, Provider } from "../../ports/provider.ts";
import { allowedOrganization } from "../access/allowed-organization.ts";
import type { Member } from "./conflict.ts";
import type { OrganizationsView } from "./model.ts";
import type { ScopeGrant } from "./schema.ts";

/** What the grants of a pair say together about organizations, as far as consent goes; `undefined` when none speaks of them. */
export async function organizationsOf(
  provider: Provider | undefined,
  members: readonly Member[],
  allowed: AllowedOrganizations,
): Promise<GrantOrganizations | undefined> {
  const said = members.map(({ grant }) => grant.spec.organizations).filter((wish) => wish !== undefined);
  const [first] = said;
  if (first === undefined) return undefined;
  const any = said.find((wish) => wish.any !== undefined)?.any;
  const names = said.flatMap((wish) => wish.names ?? []);
  const isNamed = said.some((wish) => wish.names !== undefined);
  const { known } = await resolved(provider, [...new Set(names)], allowed);
  return {
    usage: first.usage,
    ...(any === undefined ? {} : { any: any && allowed === "all" }),
    ...(isNamed ? { ids: [...new Set(known.map(({ id }) => id))].sort() } : {}),
  };
}

/** What one resource names, and what of it cannot be had. */
export async function organizationsView(
  provider: Provider | undefined,
  { spec: { organizations } }: ScopeGrant,
  allowed: AllowedOrganizations,
): Promise<OrganizationsView> {
  const view = await resolved(provider, organizations?.names ?? [], allowed);
  return organizations?.any === true && allowed !== "all" ? { ...view, isAnyRefused: true } : view;
}

/**
 * Organizations by id or name; what the tenant does not have, or the namespace may not use, is listed by itself. Where the
 * provider knows none, nothing is asked: the plan says that the field is not supported.
 */
async function resolved(
  provider: Provider | undefined,
  names: readonly string[],
  allowed: AllowedOrganizations,
): Promise<OrganizationsView> {
  const organizations = provider?.organizations;
  if (organizations === undefined || names.length === 0) return { known: [], missing: [] };
  const found = await Promise.all(
    names.map(async (name) => ({ name, organization: await allowedOrganization(organizations, name, allowed) })),
  );
  return {
    known: found.map(({ organization }) => organization).filter((organization) => organization !== undefined),
    missing: found.filter(({ organization }) => organization === undefined).map(({ name }) => name),
  };
}
