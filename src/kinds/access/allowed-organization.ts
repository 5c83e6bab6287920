import { type AllowedOrganizations, mayUseOrganization } from "../../consent/provider-consent.ts";
import type { ObservedGrant, Organizations, Provider } from "../../ports/provider.ts";
import type { BeyondConsent } from "./refused-organizations.ts";

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

/** Judges what is linked at the tenant. An organization that the tenant does not know any more is not allowed either. */
export async function beyondConsent(
  provider: Provider,
  { any, ids = [] }: ObservedGrant["organizations"],
  allowed: AllowedOrganizations,
): Promise<BeyondConsent> {
  const { organizations } = provider;
  if (allowed === "all" || organizations === undefined) return { any: false, ids: [] };
  const judged = await Promise.all(
    ids.map(async (id) => ({
      id,
      isAllowed: allowed.has(id) || (await allowedOrganization(organizations, id, allowed)) !== undefined,
    })),
  );
  return { any, ids: judged.filter(({ isAllowed }) => !isAllowed).map(({ id }) => id) };
}
