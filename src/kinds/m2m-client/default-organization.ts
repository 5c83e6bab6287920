import { type AllowedOrganizations, organizationConsent } from "../../consent/provider-consent.ts";
import type { ObservedClient, Organizations, Provider } from "../../ports/provider.ts";
import { allowedOrganization } from "../access/allowed-organization.ts";
import type { Standing } from "../access/standing.ts";
import type { Desired, Observed } from "./model.ts";
import type { M2MClientStatus } from "./schema.ts";

/** The default organization that the spec names, and whether the tenant's client has one that consent does not allow. */
export async function observeOrganization(
  { organizations }: Provider,
  { rules, asker }: Pick<Standing, "rules" | "asker">,
  { defaultOrganization: wanted }: Pick<Desired, "defaultOrganization">,
  status: M2MClientStatus | undefined,
  remote: Observed["remote"],
): Promise<Pick<Observed, "organization" | "isOrganizationWithdrawn">> {
  // Where there are none, the plan says that the field is not supported.
  if (organizations === undefined) return { organization: undefined };
  const allowed = organizationConsent(rules, asker);
  const organization =
    wanted === undefined ? undefined : { id: (await allowedOrganization(organizations, wanted, allowed))?.id };
  const isOrganizationWithdrawn =
    remote.kind === "found" &&
    (await isBeyondConsent(organizations, allowed, remote.client)) &&
    (!isAdopted(remote.client, status) || (await isRequested(organizations, wanted, remote.client)));
  return { organization, isOrganizationWithdrawn };
}

async function isBeyondConsent(
  organizations: Organizations,
  allowed: AllowedOrganizations,
  { defaultOrganization: id }: ObservedClient,
): Promise<boolean> {
  if (id === undefined || allowed === "all" || allowed.has(id)) return false;
  return (await allowedOrganization(organizations, id, allowed)) === undefined;
}

const isAdopted = ({ mark }: ObservedClient, status: M2MClientStatus | undefined): boolean =>
  mark === undefined ? status?.origin === "Adopted" : mark.origin === "adopted";

/** What an adopted client had before is its own, unless the resource requests it. */
async function isRequested(
  organizations: Organizations,
  wanted: string | undefined,
  { defaultOrganization: id }: ObservedClient,
): Promise<boolean> {
  return wanted !== undefined && (await organizations.find(wanted))?.id === id;
}
