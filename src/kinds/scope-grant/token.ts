import { ProviderError } from "../../ports/provider-error.ts";
import { lifetimeUnsaid } from "../access/token-lifetime.ts";
import { durationText } from "../schema/duration.ts";
import type { GrantObserved } from "./observe.ts";
import type { ScopeGrantStatus } from "./schema.ts";

type Token = NonNullable<ScopeGrantStatus["token"]>;

/** What a token for the grant's API looks like, as the API and the pair's grant say. */
export function tokenOf(
  observed: GrantObserved,
  own: readonly string[],
  issuer: string | undefined,
): Token | undefined {
  const { pair, peers, togetherGranted } = observed;
  if (pair === undefined) return undefined;
  const lifetime = lifetimeOf(observed);
  const signingAlgorithm = peers.api?.status?.signingAlgorithm ?? peers.external?.tokens.signingAlgorithm;
  return {
    audience: pair.audience,
    scopes: [...new Set([...own, ...togetherGranted])].sort(),
    ...(issuer === undefined ? {} : { issuer }),
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(signingAlgorithm === undefined ? {} : { signingAlgorithm }),
    ...organizationsOf(observed),
  };
}

const grantOf = ({ remote }: GrantObserved) => (remote.kind === "read" ? remote.grant : undefined);

/** What a ScopeGrant or the OAuthApi says, else what the tenant has for the grant or for the API. */
function lifetimeOf(observed: GrantObserved): string | undefined {
  const { pair, peers, provider } = observed;
  const ofGrant = pair?.lifetimeSeconds ?? grantOf(observed)?.lifetimeSeconds;
  if (ofGrant !== undefined) return durationText(ofGrant);
  const recorded = peers.api?.status?.tokenLifetime;
  if (recorded !== undefined) return recorded;
  const unsaid = provider.state === "ready" ? lifetimeUnsaid(provider.facts.capabilities) : undefined;
  const seconds = peers.external?.tokens.lifetimeSeconds ?? unsaid;
  return seconds === undefined ? undefined : durationText(seconds);
}

/** What binds tokens to organizations; nothing of it where tokens are bound to none. */
function organizationsOf(
  observed: GrantObserved,
): Pick<Token, "organizations" | "organizationUsage" | "defaultOrganization"> {
  const ids = observed.pair?.organizations?.ids ?? observed.organizations.known.map(({ id }) => id);
  const usage = usageOf(observed);
  const byDefault = usage === undefined ? undefined : observed.peers.client?.status?.defaultOrganization;
  return {
    ...(ids.length === 0 ? {} : { organizations: [...ids] }),
    ...(usage === undefined ? {} : { organizationUsage: usage }),
    ...(byDefault === undefined ? {} : { defaultOrganization: byDefault }),
  };
}

function usageOf(observed: GrantObserved): Token["organizationUsage"] {
  const { pair, provider } = observed;
  const usage = pair?.organizations?.usage ?? grantOf(observed)?.organizations.usage ?? "Deny";
  const hasOrganizations = provider.state === "ready" && provider.facts.capabilities.organizations;
  return usage === "Deny" || !hasOrganizations ? undefined : usage;
}

/** As the status of the API says; of an API that no OAuthApi declares, as its metadata says. */
export async function issuerOf({ peers, standing }: GrantObserved): Promise<string | undefined> {
  if (peers.api !== undefined) return peers.api.status?.issuer;
  const { external } = peers;
  if (external === undefined || standing.provider === undefined) return undefined;
  try {
    const server = (await standing.provider.sharedMetadata()) ?? (await standing.provider.metadata(external.ref));
    return server.issuer;
  } catch (error) {
    // Status is written in any case: without the issuer until the document can be read.
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}
