import type { Org } from "./org.ts";
import { issuerOf } from "./servers.ts";
import type { Server } from "./state.ts";
import { SERVER_GRANT_TYPES } from "./token.ts";

const AUTH_METHODS = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"];
const SIGNING_ALGORITHMS = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

/** RFC 8414. Only scopes that are meant to be seen are listed. */
export function metadata(org: Org, server: Server, host: string | undefined): object {
  const issuer = issuerOf(org, server, host);
  const scopes = [...server.scopes.values()].filter(({ metadataPublish }) => metadataPublish === "ALL_CLIENTS");
  return {
    issuer,
    authorization_endpoint: `${issuer}/v1/authorize`,
    token_endpoint: `${issuer}/v1/token`,
    registration_endpoint: `${hostOf(issuer)}/oauth2/v1/clients`,
    jwks_uri: `${issuer}/v1/keys`,
    response_types_supported: ["code", "token", "id_token", "code id_token", "code token", "id_token token"],
    response_modes_supported: ["query", "fragment", "form_post", "okta_post_message"],
    grant_types_supported: SERVER_GRANT_TYPES,
    subject_types_supported: ["public"],
    scopes_supported: scopes.map(({ name }) => name),
    token_endpoint_auth_methods_supported: AUTH_METHODS,
    claims_supported: ["ver", "jti", "iss", "aud", "iat", "exp", "cid", "uid", "scp", "sub"],
    code_challenge_methods_supported: ["S256"],
    introspection_endpoint: `${issuer}/v1/introspect`,
    introspection_endpoint_auth_methods_supported: AUTH_METHODS,
    revocation_endpoint: `${issuer}/v1/revoke`,
    revocation_endpoint_auth_methods_supported: AUTH_METHODS,
    end_session_endpoint: `${issuer}/v1/logout`,
    request_parameter_supported: true,
    request_object_signing_alg_values_supported: SIGNING_ALGORITHMS,
    device_authorization_endpoint: `${issuer}/v1/device/authorize`,
    pushed_authorization_request_endpoint: `${issuer}/v1/par`,
  };
}

const hostOf = (issuer: string): string => new URL(issuer).origin;

/** OpenID Connect Discovery 1.0: for logins, hence without the grant that machines use. */
export function openidConfiguration(org: Org, server: Server, host: string | undefined): object {
  const issuer = issuerOf(org, server, host);
  return {
    ...metadata(org, server, host),
    grant_types_supported: SERVER_GRANT_TYPES.filter((type) => type !== "client_credentials"),
    userinfo_endpoint: `${issuer}/v1/userinfo`,
    id_token_signing_alg_values_supported: ["RS256"],
  };
}

/** Current, next and previous key. */
export function keySet(server: Server): object {
  return { keys: server.keys.map((key) => key.publicJwk) };
}
