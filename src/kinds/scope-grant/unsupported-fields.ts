import { lifetimeProblem } from "../access/token-lifetime.ts";
import type { ProviderFacts } from "../access/provider-access.ts";
import { type NamedProvider, unsupportedMessage } from "../access/unsupported.ts";
import type { Desired } from "./model.ts";

/** What a grant requests and the provider does not have, by field; such a grant adds nothing to its pair. */
export function unsupportedFields(
  { allClients, organizations, lifetimeSeconds }: Desired["asksFor"],
  provider: NamedProvider & Pick<ProviderFacts, "capabilities">,
): string | undefined {
  const { capabilities } = provider;
  const choice = (field: string, isWanted: boolean, isOffered: boolean) => ({
    field,
    wanted: isWanted ? "set" : undefined,
    offered: isOffered ? ["set"] : [],
  });
  const unsupported = unsupportedMessage(provider, [
    {
      ...choice("spec.allClients", allClients, capabilities.grantsToAllClients),
      remedy: "Delete this ScopeGrant, and create one for each client.",
    },
    choice("spec.organizations", organizations, capabilities.organizations),
    choice("spec.tokenLifetime", lifetimeSeconds !== undefined, capabilities.tokenLifetime.heldBy !== "api"),
  ]);
  return unsupported ?? lifetimeProblem("spec.tokenLifetime", lifetimeSeconds, provider);
}
