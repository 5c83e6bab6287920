import { signAssertion, ASSERTION_TYPE } from "../../oauth/client-assertion.ts";
import { expiryOf, holdToken } from "../../oauth/held-token.ts";
import { refusedCredential, unusableKey } from "../../oauth/refused-credential.ts";
import { safeText } from "../../oauth/safe-text.ts";
import { askForToken, type TokenResponse } from "../../oauth/token-endpoint.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Fetch } from "../../ports/http-transport.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Authorization } from "./session.ts";
import { createProofs, type Proofs } from "./dpop.ts";
import type { OktaSettings, SigningKey } from "./settings.ts";
import { algorithmOfKey } from "./signing-algorithm.ts";

interface OrgTokenParts {
  readonly settings: OktaSettings;
  readonly key: SigningKey;
  readonly scopes: readonly string[];
  readonly fetch: Fetch;
  readonly clock: Clock;
}

interface Held {
  readonly accessToken: string;
  /** Bound to our key (RFC 9449), so that every request needs a proof. */
  readonly isBound: boolean;
  readonly scopes: ReadonlySet<string>;
  readonly expiresAt: number;
}

/**
 * Access tokens of the operator's own app for Okta's Management API: one at a time, fetched once for everybody, bound
 * to a key where the app demands that.
 */
export function createOrgTokens(parts: OrgTokenParts): Authorization {
  let proofs: Promise<Proofs> | undefined;
  const proofsOf = (): Promise<Proofs> => (proofs ??= createProofs(parts.clock));
  const held = holdToken(
    () => request(parts, proofsOf),
    parts.clock,
    ({ accessToken }) => accessToken,
  );
  return {
    headersFor: async (method, url) => {
      const { accessToken, isBound } = await held.current();
      if (!isBound) return { authorization: `Bearer ${accessToken}` };
      const dpop = await (await proofsOf()).sign({ method, url, accessToken });
      return { authorization: `DPoP ${accessToken}`, dpop };
    },
    missingScopes: async () => {
      const { scopes } = await held.current();
      return parts.scopes.filter((scope) => !scopes.has(scope));
    },
    forget: () => {
      held.forget();
    },
    generation: () => held.generation(),
    drop: (refused, because) => held.drop(refused, because),
  };
}

/** Client credentials (RFC 6749 section 4.4) at the org's own server; again with a proof when the app demands one. */
async function request(parts: OrgTokenParts, proofsOf: () => Promise<Proofs>): Promise<Held> {
  const { settings, clock } = parts;
  const url = `${settings.orgUrl}/oauth2/v1/token`;
  let response = await ask(parts, url, undefined);
  if (demandsProof(response)) {
    const proofs = await proofsOf();
    response = await ask(parts, url, await proofs.sign({ method: "POST", url }));
    const nonce = nonceIn(response);
    if (nonce !== undefined) response = await ask(parts, url, await proofs.sign({ method: "POST", url, nonce }));
  }
  if (!response.isGranted) throw refusalOf(response, parts.scopes);
  const { access_token: accessToken, expires_in: expiresIn, scope, token_type: type } = response.document;
  return {
    accessToken,
    isBound: type.toLowerCase() === "dpop",
    scopes: new Set((scope ?? "").split(" ").filter((part) => part !== "")),
    expiresAt: expiryOf(clock.now(), expiresIn),
  };
}

/** RFC 9449: either error says that this app's tokens are bound to a key. */
const demandsProof = (response: TokenResponse): boolean =>
  !response.isGranted && ["invalid_dpop_proof", "use_dpop_nonce"].includes(response.document.error ?? "");

/** RFC 9449 section 8: the nonce that the next proof must have. */
const nonceIn = (response: TokenResponse): string | undefined =>
  !response.isGranted && response.document.error === "use_dpop_nonce"
    ? (response.headers.get("dpop-nonce") ?? undefined)
    : undefined;

/** Every request needs a new assertion: Okta accepts each one once. */
async function ask(
  { key, scopes, fetch, clock }: OrgTokenParts,
  url: string,
  proof: string | undefined,
): Promise<TokenResponse> {
  const assertion = await assertionOf(key, url, clock.now());
  const form = {
    grant_type: "client_credentials",
    scope: scopes.join(" "),
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: assertion,
  };
  return askForToken(fetch, {
    ...{ server: "Okta", url, parameters: form },
    headers: proof === undefined ? {} : { dpop: proof },
  });
}

async function assertionOf({ clientId, privateKey, keyId }: SigningKey, url: string, now: Date): Promise<string> {
  try {
    const algorithm = algorithmOfKey(privateKey);
    return await signAssertion(clientId, { privateKey, keyId, algorithm }, url, now);
  } catch {
    throw unusableKey();
  }
}

function refusalOf(
  { status, document }: Extract<TokenResponse, { isGranted: false }>,
  scopes: readonly string[],
): ProviderError {
  const text = safeText(document.error_description);
  if (status === 429) return new ProviderError("rate_limited", "Okta's token endpoint asks to wait.");
  if (status >= 500)
    return new ProviderError("unavailable", `Okta's token endpoint answered ${String(status)}.`, { isAnswer: true });
  if (document.error === "invalid_scope" || document.error === "access_denied")
    return new ProviderError(
      "forbidden",
      `The operator's app lacks scopes (${text}). Grant it ${scopes.join(" and ")} in the org.`,
      {
        permissions: scopes,
      },
    );
  return refusedCredential("Okta", status, text);
}
