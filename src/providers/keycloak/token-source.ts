import { proofOf } from "../../oauth/client-authentication.ts";
import { expiryOf, holdToken, type Renewable } from "../../oauth/held-token.ts";
import { safeText } from "../../oauth/safe-text.ts";
import { askForToken, type RefusalDocument } from "../../oauth/token-endpoint.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Fetch } from "../../ports/http-transport.ts";
import type { ClientAuthentication } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { KeycloakSettings } from "./settings.ts";

/** The operator's own access token for the Admin REST API, fetched once and shared. */
export interface TokenSource extends Renewable {
  token(): Promise<string>;
  /** The connection is closed. */
  forget(): void;
}

interface Held {
  readonly accessToken: string;
  readonly expiresAt: number;
}

export const tokenEndpointOf = ({ issuer }: KeycloakSettings): string => `${issuer}/protocol/openid-connect/token`;

export function createTokenSource(settings: KeycloakSettings, fetch: Fetch, clock: Clock): TokenSource {
  const held = holdToken(
    () => request(settings, fetch, clock.now()),
    clock,
    ({ accessToken }) => accessToken,
  );
  return {
    token: async () => (await held.current()).accessToken,
    forget: () => {
      held.forget();
    },
    generation: () => held.generation(),
    drop: (refused, because) => held.drop(refused, because),
  };
}

/** Client credentials (RFC 6749 section 4.4). What the token may do are roles of the client's service account. */
async function request(settings: KeycloakSettings, fetch: Fetch, now: Date): Promise<Held> {
  const { parameters, headers } = await ownProof(settings, now);
  const form = { grant_type: "client_credentials", ...parameters };
  const response = await askForToken(fetch, "Keycloak", tokenEndpointOf(settings), form, headers);
  if (!response.isGranted) throw refusalOf(response.status, response.document, settings);
  const { access_token: accessToken, expires_in: expiresIn } = response.document;
  return { accessToken, expiresAt: expiryOf(now, expiresIn) };
}

async function ownProof(settings: KeycloakSettings, now: Date): ReturnType<typeof proofOf> {
  const { clientId, credential, issuer } = settings;
  const authentication: ClientAuthentication =
    "clientSecret" in credential
      ? { method: "client_secret_basic", clientSecret: credential.clientSecret }
      : { method: "private_key_jwt", ...credential, keyId: credential.keyId ?? "", audience: issuer };
  try {
    return await proofOf({ clientId, authentication }, now);
  } catch {
    throw new ProviderError("unauthorized", "The private_key of the operator's credential cannot be read.");
  }
}

function refusalOf(
  status: number,
  { error, error_description: description }: RefusalDocument,
  { realm }: KeycloakSettings,
): ProviderError {
  const text = safeText(description);
  if (status === 429) return new ProviderError("rate_limited", "Keycloak's token endpoint asks to wait.");
  if (status >= 500) return new ProviderError("unavailable", `Keycloak's token endpoint answered ${String(status)}.`);
  if (status === 404)
    return new ProviderError("unauthorized", `Keycloak says about the realm ${realm}: ${safeText(error)}.`);
  return new ProviderError("unauthorized", `Keycloak refused the operator's credential (${String(status)}: ${text}).`);
}
