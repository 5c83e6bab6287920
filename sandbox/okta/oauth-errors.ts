import { OktaError } from "./errors.ts";

/**
 * Everything that a token or introspection endpoint refuses, by the vendor's own code of the reason: HTTP status,
 * `error` (RFC 6749 section 5.2, RFC 9449) and text. `[…]` stands for values of the request at hand.
 */
export const REFUSALS = {
  missing_client_credentials: [401, "invalid_client", "No client credentials found."],
  invalid_basic_auth_creds: [
    401,
    "invalid_client",
    "Found Authentication header but was not valid client credentials.",
  ],
  invalid_client_id: [401, "invalid_client", "Invalid value for 'client_id' parameter."],
  invalid_client_secret: [401, "invalid_client", "The client secret supplied for a confidential client is invalid."],
  invalid_token_endpoint_auth_method: [
    401,
    "invalid_client",
    "Client authentication failed. Either the client or the client credentials are invalid.",
  ],
  invalid_application_type_client_credentials: [
    401,
    "invalid_client",
    "Only clients with 'application_type' of 'service' may use the client_credentials 'grant_type' with the Org Authorization Server.",
  ],
  unsupported_auth_method_client_creds: [
    401,
    "invalid_client",
    "Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.",
  ],
  jwks_uri_error: [401, "invalid_client", "Error retrieving the client JWKSet from jwks_uri."],
  client_assertion_invalid_jwt: [401, "invalid_client", "The parsing of the client_assertion failed."],
  client_assertion_invalid_issuer: [
    401,
    "invalid_client",
    "The issuer claim for client_assertion is not a valid client_id.",
  ],
  client_assertion_invalid_subject: [
    401,
    "invalid_client",
    "The subject claim for client_assertion is not a valid client_id.",
  ],
  client_assertion_invalid_audience: [
    401,
    "invalid_client",
    "The audience claim for client_assertion must be the endpoint invoked for the request.",
  ],
  client_assertion_expiration_required: [
    401,
    "invalid_client",
    "The client_assertion must contain the 'exp' claim as seconds since epoch.",
  ],
  client_assertion_expired_token: [401, "invalid_client", "The client_assertion token is expired."],
  client_assertion_expires_too_far_in_future: [
    401,
    "invalid_client",
    "The client_assertion token has an expiration too far into the future.",
  ],
  client_assertion_issued_at_in_future: [
    401,
    "invalid_client",
    "The client_assertion token must be issued before the current time.",
  ],
  client_assertion_already_used: [401, "invalid_client", "The client_assertion token has already been used."],
  client_assertion_invalid_signature: [401, "invalid_client", "The client_assertion signature is invalid."],
  client_assertion_invalid_kid: [401, "invalid_client", "The client_assertion JWT kid is invalid."],
  client_assertion_invalid_signature_algorithm: [
    401,
    "invalid_client",
    "The client_assertion JWT signature algorithm is invalid.",
  ],
  client_assertion_jwks_not_configured: [
    401,
    "invalid_client",
    "The client does not have a JWKSet configured, but the client_assertion requires one.",
  ],
  multiple_client_credentials: [
    401,
    "invalid_request",
    "Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization header, credentials in the post body, or a client_assertion in the post body.",
  ],
  client_credentials_in_query: [400, "invalid_request", "Client credentials cannot be supplied via query parameters."],
  token_request_missing_grant_type: [
    400,
    "invalid_request",
    "The token request must specify a 'grant_type'. Valid values: […]",
  ],
  illegal_duplicated_parameters: [
    400,
    "invalid_request",
    "Duplicate parameter provided in request. Duplicated parameters: […].",
  ],
  client_assertion_type_invalid: [400, "invalid_request", "The client_assertion_type is invalid."],
  invalid_authorization_server: [400, "invalid_request", "The authorization server id is invalid."],
  request_missing_token: [400, "invalid_request", "The 'token' parameter is required."],
  unsupported_grant_type: [
    400,
    "unsupported_grant_type",
    "The authorization grant type is not supported by the authorization server. Configured grant types: […].",
  ],
  unauthorized_client: [
    400,
    "unauthorized_client",
    "The client is not authorized to use the provided grant type. Configured grant types: […].",
  ],
  no_default_scopes: [
    400,
    "invalid_scope",
    "The authorization server resource does not have any configured default scopes, 'scope' must be provided.",
  ],
  no_matching_scope: [
    400,
    "invalid_scope",
    "One or more scopes are not configured for the authorization server resource.",
  ],
  openid_not_allowed_client_creds: [400, "invalid_scope", "Cannot request 'openid' scopes using client credentials."],
  illegal_custom_scope: [400, "invalid_scope", "Custom scopes are not allowed for this request."],
  missing_scopes: [400, "invalid_scope", "No scopes were requested."],
  consent_required_client_credentials: [
    400,
    "consent_required",
    "The following scopes require user consent and cannot be granted for the client credentials grant type: […].",
  ],
  no_org_scopes_granted: [400, "consent_required", "You are not allowed any of the requested scopes."],
  no_matching_policy: [
    401,
    "access_denied",
    "Policy evaluation failed for this request, please check the policy configurations.",
  ],
  disallowed_network_zone: [
    403,
    "access_denied",
    "The request is made from outside the client's permitted network zones.",
  ],
  no_scope_allowed: [400, "access_denied", "Policy evaluation succeeded, but all the requested scopes were rejected."],
  use_dpop_nonce: [400, "use_dpop_nonce", "Authorization server requires nonce in DPoP proof."],
  dpop_proof_already_used: [400, "invalid_dpop_proof", "The DPoP proof JWT has already been used."],
  dpop_proof_invalid_ath: [
    400,
    "invalid_dpop_proof",
    "'ath' claim in the DPoP proof does not match the presented access_token.",
  ],
  invalid_access_token_dpop_binding: [
    400,
    "invalid_dpop_proof",
    "The access_token is not bound to the provided DPoP proof.",
  ],
  invalid_dpop_proof: [400, "invalid_dpop_proof", "The DPoP proof JWT is invalid."],
  invalid_dpop_proof_invalid_htm: [400, "invalid_dpop_proof", "'htm' claim in the DPoP proof JWT is invalid."],
  invalid_dpop_proof_invalid_htu: [400, "invalid_dpop_proof", "'htu' claim in the DPoP proof JWT is invalid."],
  invalid_dpop_proof_invalid_iat: [400, "invalid_dpop_proof", "'iat' claim in the DPoP proof JWT is invalid."],
  invalid_dpop_proof_invalid_jti: [400, "invalid_dpop_proof", "'jti' claim in the DPoP proof JWT is invalid."],
  invalid_dpop_proof_invalid_jwt: [400, "invalid_dpop_proof", "The DPoP proof JWT cannot be parsed."],
  invalid_dpop_proof_invalid_signature: [400, "invalid_dpop_proof", "The DPoP proof JWT signature is invalid."],
  invalid_dpop_proof_invalid_signature_algorithm: [
    400,
    "invalid_dpop_proof",
    "The DPoP proof JWT signature algorithm is invalid.",
  ],
  invalid_dpop_proof_invalid_type: [400, "invalid_dpop_proof", "'typ' must be 'dpop+jwt' in the DPoP proof JWT."],
  invalid_dpop_proof_jwt_expired: [400, "invalid_dpop_proof", "The DPoP proof JWT is expired."],
  invalid_dpop_proof_jwt_issued_in_future: [400, "invalid_dpop_proof", "The DPoP proof JWT is issued in the future."],
  invalid_dpop_proof_jwt_too_old: [
    400,
    "invalid_dpop_proof",
    "The DPoP proof JWT is issued more than five minutes in the past.",
  ],
  invalid_dpop_proof_missing_header: [400, "invalid_dpop_proof", "The DPoP proof JWT header is missing."],
  invalid_dpop_proof_multiple_headers_not_allowed: [
    400,
    "invalid_dpop_proof",
    "Multiple DPoP proof JWT headers are not allowed.",
  ],
  dpop_authentication_scheme_required: [
    400,
    "invalid_request",
    "The resource request must use the DPoP authentication scheme when using a DPoP bound token.",
  ],
} as const satisfies Readonly<Record<string, readonly [status: number, error: string, text: string]>>;

export type Reason = keyof typeof REFUSALS;

/** The answer with that reason; every one that a token endpoint gives is made here. */
export function refusal(
  reason: Reason,
  values: readonly string[] = [],
  headers: Readonly<Record<string, string>> = {},
): OktaError {
  const [status, error, text] = REFUSALS[reason];
  const description = text.replace("[…]", `[${values.join(", ")}]`);
  return new OktaError(status, { error, error_description: description }, headers);
}
