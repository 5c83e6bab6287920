import type { Capabilities } from "../../ports/provider.ts";

/** Keys that the operator registers for one client. Keycloak takes more. */
export const MAX_KEYS = 50;

/** Default of a realm, and of an API that names none. */
export const DEFAULT_ALGORITHM = "RS256";

/** Keycloak's own shape of access tokens: `typ` is `JWT`. */
export const OWN_PROFILE = "Keycloak";

const ALGORITHMS = [DEFAULT_ALGORITHM, "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** What Keycloak can do, with every setting, of what the resources speak of. */
export const CAPABILITIES: Capabilities = {
  authenticationMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt", "kubernetes"],
  methodsBySetting: { kubernetes: "spec.keycloak.kubernetesIdentityProvider" },
  assertionAlgorithms: ALGORITHMS,
  maxPublicKeys: MAX_KEYS,
  tokenQuotas: false,
  choosesClientId: true,
  signingAlgorithms: ALGORITHMS,
  profiles: [OWN_PROFILE, "RFC9068"],
  permissionsClaim: false,
  secretOverlap: "announced",
  secretsSeenBy: "listing",
  apiDescriptions: true,
  whenNoneRequested: "nothing",
  tokensNeedScopes: true,
  marksApis: true,
  scopesLeaveGrants: "empty",
  scopeNamesPerTenant: true,
  oneTokenFormatPerClient: true,
  grantsToAllClients: false,
  organizations: false,
  sharesAudiences: false,
  tokenLifetime: { heldBy: "client", min: 60, max: 36_000, step: 1, default: 300 },
  propagationMs: 5_000,
};

/** What one realm can do. */
export function capabilitiesOf({
  kubernetesIdentityProvider,
}: {
  readonly kubernetesIdentityProvider: string | undefined;
}): Capabilities {
  if (kubernetesIdentityProvider !== undefined) return CAPABILITIES;
  const authenticationMethods = CAPABILITIES.authenticationMethods.filter((method) => method !== "kubernetes");
  return { ...CAPABILITIES, authenticationMethods };
}
