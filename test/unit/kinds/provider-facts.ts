import type { ProviderFacts } from "../../../src/kinds/access/provider-access.ts";
import type { Capabilities } from "../../../src/ports/provider.ts";

export const CAPABILITIES: Capabilities = {
  authenticationMethods: ["client_secret_post", "client_secret_basic", "private_key_jwt", "kubernetes"],
  assertionAlgorithms: ["RS256", "PS256", "ES256"],
  maxPublicKeys: 2,
  tokenQuotas: true,
  choosesClientId: false,
  signingAlgorithms: ["RS256"],
  profiles: ["Auth0"],
  permissionsClaim: true,
  secretOverlap: "announced",
  secretsSeenBy: "listing",
  apiDescriptions: false,
  whenNoneRequested: "granted",
  marksApis: false,
  grantsToAllClients: false,
  organizations: true,
  sharesAudiences: false,
  tokenLifetime: { heldBy: "api", min: 60, max: 86_400, step: 1, default: 86_400 },
  propagationMs: 30_000,
};

/** A provider that can be used, as plans see it. */
export const FACTS: ProviderFacts = {
  uid: "provider",
  vendor: "any",
  vendorLabel: "Any",
  object: "ClusterIdentityProvider default",
  tenant: "tenant",
  domain: "tenant",
  capabilities: CAPABILITIES,
  ownClientId: "operator",
  verificationPolicy: "OncePerChange",
  verificationsPerHour: 60,
  driftIntervalMs: 600_000,
  managementPolicy: "Full",
};
