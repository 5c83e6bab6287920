import { z } from "zod";
import { readClaims } from "../../oauth/claims.ts";
import { ASSERTION_TYPE } from "../../oauth/client-assertion.ts";
import type { ClientProof } from "../../oauth/client-authentication.ts";
import { safeText } from "../../oauth/safe-text.ts";
import type { RefusalDocument } from "../../oauth/token-endpoint.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { ServiceAccountToken } from "../../ports/service-account-token.ts";

/** RFC 7523 section 2.2. The realm finds the client by issuer and subject of the token, so that no client ID is sent. */
export const proofOfAccount = ({ token }: ServiceAccountToken): ClientProof => ({
  parameters: { client_assertion_type: ASSERTION_TYPE, client_assertion: token },
  headers: {},
});

/** What Keycloak's answer to a token of a service account means, and what to do. `realmIssuer` is its audience. */
export function refusalOfAccount(
  status: number,
  { error, error_description: description }: RefusalDocument,
  account: ServiceAccountToken,
  realmIssuer: string,
): ProviderError {
  const text = safeText(description);
  const answer = `Keycloak refused the token of ${account.subject} from issuer ${account.issuer} (${String(status)}: ${text}).`;
  return new ProviderError("unauthorized", `${answer} ${adviceFor(String(error), text, account, realmIssuer)}`);
}

function adviceFor(error: string, text: string, { issuer, subject }: ServiceAccountToken, realmIssuer: string): string {
  if (/audience/i.test(text))
    return `The audience of the token is ${realmIssuer}. It must be the issuer of the realm. Create this provider object again with the correct spec.keycloak.url, or correct the host name that Keycloak is configured with.`;
  if (/not active|too far in the past|in the future/i.test(text))
    return "Keycloak takes a token for one hour after it was issued. Set its expirationSeconds to 4500 or less, and check the clocks of both.";
  if (error === "unauthorized_client" && /service account/i.test(text))
    return "Switch on Service accounts roles for the operator's client.";
  return `The realm needs an enabled identity provider of type Kubernetes with the issuer ${issuer}, whose keys Keycloak can read. It also needs exactly one enabled client with the authenticator "Signed JWT - Federated", that identity provider and the subject ${subject}.`;
}

const claimsSchema = z.object({ azp: z.string().min(1) });

/** `azp` of the operator's own access token. Without it the operator would not know its own client, and could change it. */
export function clientIdIn(accessToken: string): string {
  const claims = readClaims(accessToken, claimsSchema);
  if (claims !== undefined) return claims.azp;
  throw new ProviderError("unauthorized", "The operator's access token does not name its client (azp).");
}
