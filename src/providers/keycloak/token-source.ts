import { type ClientProof, proofOf } from "../../oauth/client-authentication.ts";
import { expiryOf, holdToken, type Renewable, SECRETS_KEPT_MS } from "../../oauth/held-token.ts";
import { holdSecret } from "../../oauth/known-secrets.ts";
import { refusedCredential, unusableKey } from "../../oauth/refused-credential.ts";
import { safeText } from "../../oauth/safe-text.ts";
import {
  askForToken,
  type RefusalDocument,
  type TokenDocument,
  type TokenResponse,
} from "../../oauth/token-endpoint.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Fetch } from "../../ports/http-transport.ts";
import type { ClientAuthentication } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { ReadServiceAccountToken, ServiceAccountToken } from "../../ports/service-account-token.ts";
import { clientIdIn, proofOfAccount, refusalOfAccount } from "./service-account.ts";
import type { KeycloakSettings } from "./settings.ts";

/** The operator's own access token for the Admin REST API, fetched once and shared. */
export interface TokenSource extends Renewable {
  token(): Promise<string>;
  /** Of the operator's own client. Without a Secret it is empty until the first token. */
  clientId(): string;
  /** The connection is closed. */
  forget(): void;
}

interface Held {
  readonly accessToken: string;
  readonly expiresAt: number;
}

export const tokenEndpointOf = ({ issuer }: KeycloakSettings): string => `${issuer}/protocol/openid-connect/token`;

/** `readAccount`: present where the operator's own service account takes the place of a Secret. */
export function createTokenSource(
  settings: KeycloakSettings,
  fetch: Fetch,
  clock: Clock,
  readAccount?: ReadServiceAccountToken,
): TokenSource {
  let { clientId } = settings;
  const renew = async (): Promise<Held> => {
    if (readAccount === undefined) return requestWithSecret(settings, fetch, clock.now());
    const account = await readAccount(settings.issuer);
    const release = holdSecret(account.token);
    try {
      const token = await requestWithAccount(settings, fetch, clock.now(), account);
      clientId = clientIdIn(token.accessToken);
      return token;
    } finally {
      clock.after(SECRETS_KEPT_MS, release);
    }
  };
  const held = holdToken(renew, clock, ({ accessToken }) => accessToken);
  return {
    token: async () => (await held.current()).accessToken,
    clientId: () => clientId,
    forget: () => {
      held.forget();
    },
    generation: () => held.generation(),
    drop: (refused, because) => held.drop(refused, because),
  };
}

/** Client credentials (RFC 6749 section 4.4). What the token may do are roles of the client's service account. */
async function requestWithSecret(settings: KeycloakSettings, fetch: Fetch, now: Date): Promise<Held> {
  const response = await ask(settings, fetch, await ownProof(settings, now));
  if (!response.isGranted) throw refusalOf(response.status, response.document, settings);
  return heldOf(response.document, now);
}

async function requestWithAccount(
  settings: KeycloakSettings,
  fetch: Fetch,
  now: Date,
  account: ServiceAccountToken,
): Promise<Held> {
  const response = await ask(settings, fetch, proofOfAccount(account));
  if (response.isGranted) return heldOf(response.document, now);
  const { status, document } = response;
  if (status !== 400 && status !== 401) throw refusalOf(status, document, settings);
  throw refusalOfAccount(status, document, account, settings.issuer);
}

const ask = (settings: KeycloakSettings, fetch: Fetch, { parameters, headers }: ClientProof): Promise<TokenResponse> =>
  askForToken(fetch, {
    ...{ server: "Keycloak", url: tokenEndpointOf(settings), headers },
    parameters: { grant_type: "client_credentials", ...parameters },
    alsoRefusesWith: [404],
  });

const heldOf = ({ access_token: accessToken, expires_in: expiresIn }: TokenDocument, now: Date): Held => ({
  accessToken,
  expiresAt: expiryOf(now, expiresIn),
});

async function ownProof(settings: KeycloakSettings, now: Date): Promise<ClientProof> {
  const { clientId, credential, issuer } = settings;
  const authentication: ClientAuthentication =
    "clientSecret" in credential
      ? { method: "client_secret_basic", clientSecret: credential.clientSecret }
      : { method: "private_key_jwt", ...credential, keyId: credential.keyId ?? "", audience: issuer };
  try {
    return await proofOf({ clientId, authentication }, now);
  } catch {
    throw unusableKey();
  }
}

/** What Keycloak says of a realm that it does not have. Another 404 is that of something in between. */
const NO_REALM = "Realm does not exist";

function refusalOf(
  status: number,
  { error, error_description: description }: RefusalDocument,
  { realm, url }: KeycloakSettings,
): ProviderError {
  const text = safeText(description);
  if (status === 429) return new ProviderError("rate_limited", "Keycloak's token endpoint asks to wait.");
  if (status >= 500 || (status === 404 && error !== NO_REALM))
    return new ProviderError("unavailable", `Keycloak's token endpoint answered ${String(status)}.`, {
      isAnswer: true,
    });
  if (status === 404)
    return new ProviderError(
      "unauthorized",
      `Realm ${realm} does not exist at ${url} (${safeText(error)}). Create it, or create this provider object again with the correct spec.keycloak.realm.`,
    );
  return refusedCredential("Keycloak", status, text);
}
