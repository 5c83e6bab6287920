import type { ServerMetadata, TokenAnswer, TokenRequest } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { ASSERTION_TYPE, signAssertion } from "./client-assertion.ts";
import { providerErrorOf, safeText } from "./errors.ts";
import type { Auth0Context } from "./context.ts";

/** How long the metadata document is taken as it was read. */
const METADATA_FRESH_MS = 3_600_000;

/** The issuer's own document (RFC 8414), read once an hour and shared. */
export function createMetadata(context: Auth0Context): () => Promise<ServerMetadata> {
  let held: { readonly metadata: ServerMetadata; readonly at: number } | undefined;
  let pending: Promise<ServerMetadata> | undefined;
  const now = (): number => context.clock.now().getTime();
  return () => {
    if (held !== undefined && now() - held.at < METADATA_FRESH_MS) return Promise.resolve(held.metadata);
    pending ??= readMetadata(context)
      .then((metadata) => {
        held = { metadata, at: now() };
        return metadata;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };
}

async function readMetadata({ settings, fetch }: Auth0Context): Promise<ServerMetadata> {
  const wellKnownUrl = `https://${settings.customDomain ?? settings.domain}/.well-known/oauth-authorization-server`;
  const document = (await getJson(fetch, wellKnownUrl)) as Readonly<Record<string, unknown>>;
  const { issuer, token_endpoint: tokenEndpoint, jwks_uri: jwksUri } = document;
  if (typeof issuer !== "string" || typeof tokenEndpoint !== "string" || typeof jwksUri !== "string")
    throw new ProviderError(
      "unavailable",
      "The authorization server metadata lacks issuer, token_endpoint or jwks_uri.",
    );
  return { wellKnownUrl, issuer, tokenEndpoint, jwksUri, assertionAudience: issuer };
}

export async function getJson(fetch: Auth0Context["fetch"], url: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { method: "GET", headers: { accept: "application/json" } });
  } catch (error) {
    throw providerErrorOf(error, false);
  }
  if (!response.ok)
    throw new ProviderError("unavailable", `${new URL(url).pathname} answered ${String(response.status)}.`);
  return response.json();
}

/** RFC 6749 section 2.3.1: id and secret are form-encoded before they become a Basic credential. */
const formEncoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);

/** One token for a workload's credential, asked for the way the workload does. */
export async function requestToken({ fetch, clock }: Auth0Context, request: TokenRequest): Promise<TokenAnswer> {
  const { audience, organization } = request;
  const { parameters, headers: authorization } = await authenticated(request, clock.now());
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    audience,
    ...(organization === undefined ? {} : { organization }),
    ...parameters,
  });
  const headers = { "content-type": "application/x-www-form-urlencoded", ...authorization };
  let response: Response;
  try {
    response = await fetch(request.tokenEndpoint, { method: "POST", headers, body });
  } catch (error) {
    throw providerErrorOf(error, false);
  }
  const answer = (await response.json().catch(() => ({}))) as TokenDocument;
  if (!response.ok) return refused(response.status, answer);
  const { access_token: accessToken, expires_in: expiresInSeconds = 0, scope } = answer;
  if (accessToken === undefined) return { kind: "refused", refusal: "other", message: "no token in the answer" };
  return { kind: "token", accessToken, expiresInSeconds, ...(scope === undefined ? {} : { scopes: scope }) };
}

interface Proof {
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

async function authenticated({ clientId, authentication }: TokenRequest, now: Date): Promise<Proof> {
  if (authentication.method === "private_key_jwt") {
    const assertion = await signAssertion(clientId, authentication, authentication.audience, now);
    return { parameters: { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion }, headers: {} };
  }
  const { method, clientSecret } = authentication;
  if (method === "client_secret_post")
    return { parameters: { client_id: clientId, client_secret: clientSecret }, headers: {} };
  const basic = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString("base64");
  return { parameters: {}, headers: { authorization: `Basic ${basic}` } };
}

interface TokenDocument {
  readonly access_token?: string;
  readonly expires_in?: number;
  readonly scope?: string;
  readonly error?: unknown;
  readonly error_description?: unknown;
}

/** Auth0 tells a refused client (401) from a missing grant (403), and both from a used-up quota (429). */
function refused(status: number, { error_description: description }: TokenDocument): TokenAnswer {
  const text = safeText(description);
  if (status >= 500) throw new ProviderError("unavailable", `The token endpoint answered ${String(status)}.`);
  const message = `${String(status)}${text === "" ? "" : `, ${text}`}`;
  if (status === 429) return { kind: "refused", refusal: "quota", message };
  if (status === 401) return { kind: "refused", refusal: "client", message };
  return { kind: "refused", refusal: /client-grant/.test(text) ? "grant" : "other", message };
}
