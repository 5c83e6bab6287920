import { proofOf } from "../../oauth/client-authentication.ts";
import type { MetadataPlace } from "../../oauth/public-documents.ts";
import { safeText } from "../../oauth/safe-text.ts";
import { askForToken, type RefusalDocument } from "../../oauth/token-endpoint.ts";
import type { TokenAnswer, TokenRequest } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { KeycloakContext } from "./context.ts";

/** The realm's one issuer and its document. */
export const metadataPlaceOf = ({ settings: { issuer } }: KeycloakContext): MetadataPlace => ({
  issuer,
  wellKnownUrl: `${issuer}/.well-known/openid-configuration`,
});

/** One token for a workload's credential, requested the way the workload does. The scopes say which API. */
export async function requestToken({ fetch, clock }: KeycloakContext, request: TokenRequest): Promise<TokenAnswer> {
  const { parameters, headers } = await proofOf(request, clock.now());
  const form = { grant_type: "client_credentials", scope: request.scopes.join(" "), ...parameters };
  const response = await askForToken(fetch, {
    server: "Keycloak",
    url: request.tokenEndpoint,
    parameters: form,
    headers,
  });
  if (!response.isGranted) return refused(response.status, response.document);
  const { access_token: accessToken, expires_in: expiresInSeconds, scope } = response.document;
  return { kind: "token", accessToken, expiresInSeconds, ...(scope == null ? {} : { scopes: scope }) };
}

/** RFC 6749 section 5.2. A wrong secret is `unauthorized_client`, and everything else about a client `invalid_client`. */
function refused(status: number, { error, error_description: description }: RefusalDocument): TokenAnswer {
  if (status === 429) throw new ProviderError("rate_limited", "The token endpoint asks to wait.");
  if (status >= 500)
    throw new ProviderError("unavailable", `The token endpoint answered ${String(status)}.`, { isAnswer: true });
  const text = safeText(description);
  const message = `${String(status)}${text === "" ? "" : `: ${text}`}`;
  if (error === "invalid_client" || (status === 401 && error === "unauthorized_client"))
    return { kind: "refused", refusal: "client", message };
  return { kind: "refused", refusal: error === "invalid_scope" ? "grant" : "other", message };
}
