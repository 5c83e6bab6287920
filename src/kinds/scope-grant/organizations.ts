import type { GrantOrganizations, Provider } from "../../ports/provider.ts";
import type { Member } from "./conflict.ts";

export interface OrganizationsView {
  /** Named by this resource and known at the tenant. */
  readonly known: readonly { readonly id: string; readonly name: string }[];
  readonly missing: readonly string[];
}

/** What the grants of a pair say together about organizations; `undefined` when none speaks of them. */
export async function organizationsOf(
  provider: Provider | undefined,
  members: readonly Member[],
): Promise<GrantOrganizations | undefined> {
  const said = members.map(({ grant }) => grant.spec.organizations).filter((wish) => wish !== undefined);
  const [first] = said;
  if (first === undefined) return undefined;
  const any = said.find((wish) => wish.any !== undefined)?.any;
  const names = said.flatMap((wish) => wish.names ?? []);
  const isNamed = said.some((wish) => wish.names !== undefined);
  const { known } = await resolved(provider, [...new Set(names)]);
  return {
    usage: first.usage,
    ...(any === undefined ? {} : { any }),
    ...(isNamed ? { ids: [...new Set(known.map(({ id }) => id))].sort() } : {}),
  };
}

/**
 * Organizations by id or name; what the tenant does not have is listed by itself. Where the provider knows none, nothing is
 * asked: the plan says that the field is not supported.
 */
export async function resolved(provider: Provider | undefined, names: readonly string[]): Promise<OrganizationsView> {
  const organizations = provider?.organizations;
  if (organizations === undefined || names.length === 0) return { known: [], missing: [] };
  const found = await Promise.all(names.map(async (name) => ({ name, organization: await organizations.find(name) })));
  return {
    known: found.map(({ organization }) => organization).filter((organization) => organization !== undefined),
    missing: found.filter(({ organization }) => organization === undefined).map(({ name }) => name),
  };
}
