import type { Capabilities } from "../../ports/provider.ts";

/** Keys that one app can have. */
export const MAX_KEYS = 50;

/** What Okta can do of what the resources speak of. */
export const CAPABILITIES: Capabilities = {
  authenticationMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
  assertionAlgorithms: ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"],
  maxPublicKeys: MAX_KEYS,
  tokenQuotas: false,
  choosesClientId: true,
  signingAlgorithms: ["RS256"],
  profiles: [],
  permissionsClaim: false,
  secretOverlap: "full",
  secretsSeenBy: "sweep",
  apiDescriptions: true,
  whenNoneRequested: "defaults",
  tokensNeedScopes: true,
  marksApis: true,
  scopesLeaveGrants: "impaired",
  grantsToAllClients: true,
  organizations: false,
  sharesAudiences: true,
  tokenLifetime: { heldBy: "grant", min: 300, max: 86_400, step: 60, default: 3600 },
  propagationMs: 5_000,
};
