import { proofOf } from "../../oauth/client-authentication.ts";
import type { MetadataPlace } from "../../oauth/public-documents.ts";
import { safeText } from "../../oauth/safe-text.ts";
import { askForToken, type RefusalDocument } from "../../oauth/token-endpoint.ts";
import type { TokenAnswer, TokenRequest } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Auth0Context } from "./context.ts";

/** The tenant's one issuer, which follows the host that workloads use and ends with a slash, and its document. */
export function metadataPlaceOf({ settings }: Auth0Context): MetadataPlace {
  const issuer = `https://${settings.customDomain ?? settings.domain}/`;
  return { issuer, wellKnownUrl: `${issuer}.well-known/oauth-authorization-server` };
}

/** One token for a workload's credential, requested the way the workload does. All granted scopes come with it. */
export async function requestToken({ fetch, clock }: Auth0Context, request: TokenRequest): Promise<TokenAnswer> {
  const { audience, organization } = request;
  const { parameters, headers } = await proofOf(request, clock.now());
  const form = {
    grant_type: "client_credentials",
    audience,
    ...(organization === undefined ? {} : { organization }),
    ...parameters,
  };
  const response = await askForToken(fetch, { server: "Auth0", url: request.tokenEndpoint, parameters: form, headers });
  if (!response.isGranted) return refused(response.status, response.document);
  const { access_token: accessToken, expires_in: expiresInSeconds, scope } = response.document;
  return { kind: "token", accessToken, expiresInSeconds, ...(scope == null ? {} : { scopes: scope }) };
}

/** Auth0 tells a refused client (401) from a missing grant (403), and both from a used-up quota (429). */
function refused(status: number, { error_description: description }: RefusalDocument): TokenAnswer {
  const text = safeText(description);
  if (status >= 500)
    throw new ProviderError("unavailable", `The token endpoint answered ${String(status)}.`, { isAnswer: true });
  const message = `${String(status)}${text === "" ? "" : `: ${text}`}`;
  if (status === 429) return { kind: "refused", refusal: "quota", message };
  if (status === 401) return { kind: "refused", refusal: "client", message };
  return { kind: "refused", refusal: /client-grant/.test(text) ? "grant" : "other", message };
}
