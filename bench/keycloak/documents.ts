import type { Document } from "../../demo/environment.ts";
import type { KeycloakAddress } from "../../keycloak/start.ts";
import { defaultProvider, documentIn, range } from "../documents.ts";

/** What is applied to an empty realm. */
export const SIZE = { apis: 50, scopesPerApi: 2, clients: 500, grantsPerClient: 2 } as const;

export const NAMESPACE = "bench";
export const CREDENTIALS = "keycloak-operator";

/** Limits that the operator never reaches, no token that only verifies a credential, and no read that nobody requests. */
export const providerOf = ({ url, caPem }: KeycloakAddress, realm: string): Document =>
  defaultProvider({
    keycloak: { url, realm },
    credentialsSecretRef: { name: CREDENTIALS },
    caBundle: caPem,
    driftInterval: "24h",
    rateLimit: { requestsPerMinute: 100_000, burst: 1000, sharePercent: 100 },
    verification: { policy: "Never" },
  });

/** Scope names are unique in a realm, so those of an API begin with its name. */
const scopesOf = (api: string): readonly string[] =>
  range(SIZE.scopesPerApi).map((index) => `${api}:scope-${String(index)}`);

const apiName = (index: number): string => `api-${String(index % SIZE.apis)}`;

/** First every API, then every client, then every grant: one scope of one of the APIs that follow the client's number. */
export function documents(): readonly Document[] {
  const apis = range(SIZE.apis).map((index) =>
    documentIn(NAMESPACE, "OAuthApi", apiName(index), {
      audience: `https://${apiName(index)}.example.com`,
      scopes: scopesOf(apiName(index)).map((name) => ({ name })),
    }),
  );
  const clients = range(SIZE.clients).map((client) =>
    documentIn(NAMESPACE, "M2MClient", `client-${String(client)}`, { secret: { primaryGrant: grantName(client, 0) } }),
  );
  const grants = range(SIZE.clients).flatMap((client) =>
    range(SIZE.grantsPerClient).map((index) => {
      const api = apiName(client + index);
      return documentIn(NAMESPACE, "ScopeGrant", grantName(client, index), {
        clientRef: { name: `client-${String(client)}` },
        apiRef: { name: api },
        scopes: scopesOf(api).slice(0, 1),
      });
    }),
  );
  return [...apis, ...clients, ...grants];
}

const grantName = (client: number, index: number): string => `grant-${String(client)}-${String(index)}`;
