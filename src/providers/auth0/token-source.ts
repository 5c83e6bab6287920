import { ASSERTION_TYPE, signAssertion } from "../../oauth/client-assertion.ts";
import { expiryOf, holdToken, type Renewable } from "../../oauth/held-token.ts";
import { refusedCredential, unusableKey } from "../../oauth/refused-credential.ts";
import { safeText } from "../../oauth/safe-text.ts";
import { askForToken, type RefusalDocument } from "../../oauth/token-endpoint.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Fetch } from "../../ports/http-transport.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Auth0Settings } from "./settings.ts";

/** The operator's own access token for the Management API, fetched once and shared. */
export interface TokenSource extends Renewable {
  token(): Promise<string>;
  /** Permissions of the current token. */
  scopes(): Promise<ReadonlySet<string>>;
  /** The connection is closed. */
  forget(): void;
}

interface Held {
  readonly accessToken: string;
  readonly scopes: ReadonlySet<string>;
  readonly expiresAt: number;
}

export function createTokenSource(settings: Auth0Settings, fetch: Fetch, clock: Clock): TokenSource {
  const held = holdToken(
    () => request(settings, fetch, clock.now()),
    clock,
    ({ accessToken }) => accessToken,
  );
  return {
    token: async () => (await held.current()).accessToken,
    scopes: async () => (await held.current()).scopes,
    forget: () => {
      held.forget();
    },
    generation: () => held.generation(),
    drop: (refused, because) => held.drop(refused, because),
  };
}

/** Client credentials (RFC 6749 section 4.4). The audience is that of the canonical domain, custom domain or not. */
async function request(settings: Auth0Settings, fetch: Fetch, now: Date): Promise<Held> {
  const { domain, clientId } = settings;
  const form = {
    grant_type: "client_credentials",
    client_id: clientId,
    audience: `https://${domain}/api/v2/`,
    ...(await proofOf(settings, now)),
  };
  const url = `https://${domain}/oauth/token`;
  const response = await askForToken(fetch, { server: "Auth0", url, parameters: form });
  if (!response.isGranted) throw refusalOf(response.status, response.document);
  const { access_token: accessToken, expires_in: expiresIn, scope } = response.document;
  const scopes = new Set((scope ?? "").split(" ").filter((part) => part !== ""));
  return { accessToken, scopes, expiresAt: expiryOf(now, expiresIn) };
}

/** The secret, or an assertion that the operator's key signs for every request. */
async function proofOf({ domain, clientId, credential }: Auth0Settings, now: Date): Promise<Record<string, string>> {
  if ("clientSecret" in credential) return { client_secret: credential.clientSecret };
  try {
    const assertion = await signAssertion(clientId, credential, `https://${domain}/`, now);
    return { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
  } catch {
    throw unusableKey();
  }
}

function refusalOf(status: number, { error_description: description }: RefusalDocument): ProviderError {
  const text = safeText(description);
  if (status === 429) return new ProviderError("rate_limited", "Auth0's token endpoint asks to wait.");
  if (status >= 500)
    return new ProviderError("unavailable", `Auth0's token endpoint answered ${String(status)}.`, { isAnswer: true });
  return refusedCredential("Auth0", status, text);
}
