import { UnsecuredJWT } from "jose";
import type { Provider } from "../../../src/ports/provider.ts";
import { connectedBy } from "../../contract/connected.ts";

const EMPTY = { attributes: {}, optionalClientScopes: [], defaultClientScopes: [], access: { configure: true } };
const FEATURES = [{ name: "CLIENT_AUTH_FEDERATED", type: "DEFAULT" }];

/** Claims of the operator's own access token. */
type Claims = Readonly<Record<string, unknown>>;

/** The adapter on a server that answers with this realm and takes no write. */
export function createReadableRealm(
  clients: readonly object[],
  scopes: readonly object[],
  {
    claims = {},
    realm = "machines",
    isReadOnly = false,
  }: { claims?: Claims; realm?: string; isReadOnly?: boolean } = {},
): Promise<Provider> {
  const answers: Readonly<Record<string, unknown>> = {
    token: { access_token: new UnsecuredJWT({ ...claims }).encode(), token_type: "Bearer", expires_in: 300 },
    clients: clients.map((client) => ({ ...EMPTY, ...client })),
    "client-scopes": scopes,
    serverinfo: { features: FEATURES },
  };
  return connectedBy(
    "keycloak",
    { url: "https://sso.example.com", realm },
    { client_id: "operator", client_secret: "not-a-real-secret" },
    {
      isReadOnly,
      fetch: (input) => {
        const { pathname } = new URL(new Request(input).url);
        return Promise.resolve(Response.json(answers[pathname.split("/").at(-1) ?? ""]));
      },
    },
  );
}
