import type { Org } from "./org.ts";
import { issuerOf } from "./servers.ts";
import type { Server } from "./state.ts";

/** RFC 8414. Only scopes that are meant to be seen are listed. */
export function metadata(org: Org, server: Server): object {
  const issuer = issuerOf(org, server);
  const scopes = [...server.scopes.values()].filter(({ metadataPublish }) => metadataPublish === "ALL_CLIENTS");
  const methods = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"];
  return {
    issuer,
    authorization_endpoint: `${issuer}/v1/authorize`,
    token_endpoint: `${issuer}/v1/token`,
    registration_endpoint: `${org.url}/oauth2/v1/clients`,
    jwks_uri: `${issuer}/v1/keys`,
    response_types_supported: ["code", "token", "id_token"],
    response_modes_supported: ["query", "fragment", "form_post"],
    grant_types_supported: ["authorization_code", "implicit", "refresh_token", "password", "client_credentials"],
    subject_types_supported: ["public"],
    scopes_supported: scopes.map(({ name }) => name),
    token_endpoint_auth_methods_supported: methods,
    claims_supported: ["ver", "jti", "iss", "aud", "iat", "exp", "cid", "uid", "scp", "sub"],
    code_challenge_methods_supported: ["S256"],
    introspection_endpoint: `${issuer}/v1/introspect`,
    revocation_endpoint: `${issuer}/v1/revoke`,
    end_session_endpoint: `${issuer}/v1/logout`,
    request_parameter_supported: true,
  };
}

/** Current, next and previous key. */
export function keySet(server: Server): object {
  return { keys: server.keys.map((key) => key.publicJwk) };
}
