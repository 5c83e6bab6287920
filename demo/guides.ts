/** A request at a token endpoint, as a vendor's guides send it. */
export interface TokenRequest {
  /** What is particular about it. */
  readonly way: string;
  readonly url: string;
  /** For Basic authentication: `id:secret`. */
  readonly user?: string;
  readonly contentType?: string;
  readonly body?: string;
}

type Values = Readonly<Record<string, string>>;

/** From the keys of a client's Secret. */
export type Guide = (secret: Values, scope: string) => readonly TokenRequest[];

const FORM = "application/x-www-form-urlencoded";

/** Auth0 takes JSON as well as a form, with the credentials in it, and wants to know which API is meant. */
export const auth0Guide: Guide = (secret, scope) => {
  const { client_id = "", client_secret = "", audience = "", token_endpoint: url = "" } = secret;
  const parameters = { grant_type: "client_credentials", client_id, client_secret, audience, scope };
  return [
    { way: "Request with a JSON body", url, contentType: "application/json", body: JSON.stringify(parameters) },
    { way: "Request with a form body", url, contentType: FORM, body: new URLSearchParams(parameters).toString() },
  ];
};

/** Okta tells the API by the endpoint; guides authenticate with Basic, and some put everything else in the query. */
export const oktaGuide: Guide = (secret, scope) => {
  const { client_id: id = "", client_secret: value = "", token_endpoint: url = "" } = secret;
  const user = `${id}:${value}`;
  const parameters = new URLSearchParams({ grant_type: "client_credentials", scope }).toString();
  return [
    { way: "Request with a form body", url, user, contentType: FORM, body: parameters },
    { way: "Request with query parameters", url: `${url}?${parameters}`, user },
  ];
};

/** Keycloak chooses the API by the scopes, and a token without scopes is for none. */
export const keycloakGuide: Guide = (secret, scope) => oktaGuide(secret, scope).slice(0, 1);
