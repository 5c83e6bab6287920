import type { Capabilities } from "../../ports/provider.ts";
import { lifetimeProblem } from "../access/token-lifetime.ts";
import { unsupportedMessage } from "../access/unsupported.ts";
import type { Desired } from "./model.ts";

/** What a grant requests and the provider does not have, by field; such a grant adds nothing to its pair. */
export function unsupportedFields(
  { allClients, organizations, lifetimeSeconds }: Desired["asksFor"],
  vendor: string,
  capabilities: Capabilities,
): string | undefined {
  const choice = (field: string, isWanted: boolean, isOffered: boolean) => ({
    field,
    wanted: isWanted ? "set" : undefined,
    offered: isOffered ? ["set"] : [],
  });
  const unsupported = unsupportedMessage(vendor, [
    choice("spec.allClients", allClients, capabilities.grantsToAllClients),
    choice("spec.organizations", organizations, capabilities.organizations),
    choice("spec.tokenLifetime", lifetimeSeconds !== undefined, capabilities.tokenLifetime.heldBy !== "api"),
  ]);
  return unsupported ?? lifetimeProblem("spec.tokenLifetime", lifetimeSeconds, vendor, capabilities);
}
