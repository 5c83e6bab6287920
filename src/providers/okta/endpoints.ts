import { proofOf } from "../../oauth/client-authentication.ts";
import type { MetadataPlace } from "../../oauth/public-documents.ts";
import { safeText } from "../../oauth/safe-text.ts";
import { askForToken, type RefusalDocument } from "../../oauth/token-endpoint.ts";
import type { TokenAnswer, TokenRequest } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { OktaContext } from "./context.ts";
import type { ServerDocument } from "./documents.ts";

/** Each server has an issuer and a document below it; a dynamic issuer is that of the host that is asked. */
export function metadataPlaceOf({ settings }: OktaContext, { issuer, issuerMode }: ServerDocument): MetadataPlace {
  const host = settings.customDomain ?? settings.host;
  // The org's own server has the path /oauth2/default in place of its id.
  const expected = issuerMode === "DYNAMIC" ? `https://${host}${new URL(issuer).pathname}` : issuer;
  return { issuer: expected, wellKnownUrl: `${expected}/.well-known/oauth-authorization-server` };
}

/** One token for a workload's credential, requested the way the workload does. The endpoint says which API. */
export async function requestToken({ fetch, clock }: OktaContext, request: TokenRequest): Promise<TokenAnswer> {
  const { parameters, headers } = await proofOf(request, clock.now());
  const form = { grant_type: "client_credentials", scope: request.scopes.join(" "), ...parameters };
  const response = await askForToken(fetch, { server: "Okta", url: request.tokenEndpoint, parameters: form, headers });
  if (!response.isGranted) return refused(response.status, response.document);
  const { access_token: accessToken, expires_in: expiresInSeconds, scope } = response.document;
  return { kind: "token", accessToken, expiresInSeconds, ...(scope == null ? {} : { scopes: scope }) };
}

/** RFC 6749 section 5.2: a refused client, or a policy that does not let it have these scopes. */
function refused(status: number, { error, error_description: description }: RefusalDocument): TokenAnswer {
  if (status === 429) throw new ProviderError("rate_limited", "The token endpoint asks to wait.");
  if (status >= 500)
    throw new ProviderError("unavailable", `The token endpoint answered ${String(status)}.`, { isAnswer: true });
  const text = safeText(description);
  const message = `${String(status)}${text === "" ? "" : `: ${text}`}`;
  if (error === "invalid_client") return { kind: "refused", refusal: "client", message };
  const isPolicy = error === "access_denied" || error === "invalid_scope";
  return { kind: "refused", refusal: isPolicy ? "grant" : "other", message };
}
