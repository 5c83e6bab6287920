import { type AllowedOrganizations, mayUseOrganization } from "../../consent/provider-consent.ts";
import type { Organizations } from "../../ports/provider.ts";

type Organization = NonNullable<Awaited<ReturnType<Organizations["find"]>>>;

/** By id or name; `undefined` when the tenant has none, and when consent does not name the one that it has. */
export async function allowedOrganization(
  organizations: Organizations,
  nameOrId: string,
  allowed: AllowedOrganizations,
): Promise<Organization | undefined> {
  const found = await organizations.find(nameOrId);
  return found !== undefined && mayUseOrganization(allowed, found) ? found : undefined;
}
