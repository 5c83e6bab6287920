import type { Capabilities } from "../../ports/provider.ts";

/** Keys that `private_key_jwt` may refer to. */
export const MAX_ATTACHED = 2;

/** What Auth0 can do of what the resources speak of. */
export const CAPABILITIES: Capabilities = {
  authenticationMethods: ["client_secret_post", "client_secret_basic", "private_key_jwt"],
  assertionAlgorithms: ["RS256", "RS384", "PS256"],
  maxPublicKeys: MAX_ATTACHED,
  tokenQuotas: true,
  choosesClientId: false,
  signingAlgorithms: ["RS256", "PS256", "RS512", "HS256"],
  profiles: ["Auth0", "RFC9068"],
  permissionsClaim: true,
  secretOverlap: "announced",
  secretsSeenBy: "listing",
  apiDescriptions: false,
  whenNoneRequested: "granted",
  marksApis: false,
  grantsToAllClients: false,
  organizations: true,
  sharesAudiences: false,
  tokenLifetime: { heldBy: "api", min: 60, max: 2_592_000, step: 1, default: 86_400 },
  propagationMs: 30_000,
};
