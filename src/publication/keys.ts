import type { CredentialValues, KeyStyle, PublicApi, PublishedGrant, SecretInputs } from "./inputs.ts";

/** RFC 7523 section 2.2. */
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Values by their name in snake case; templates see the same names. */
export type Values = Readonly<Record<string, string>>;

/** Everything about the client and, where one fills them, the flat keys of one API; `grants` apart. */
export function valuesOf(inputs: SecretInputs): Values {
  const primary = primaryOf(inputs);
  const { assertionAudience, credential, next, previous } = inputs;
  return {
    client_id: inputs.clientId,
    ...credentialValues(credential, assertionAudience),
    ...prefixed("next_", next, assertionAudience),
    ...prefixed("previous_", previous, assertionAudience),
    domain: inputs.domain,
    ...serverValues(primary ?? inputs.server),
    ...(primary === undefined ? {} : { audience: primary.audience, scopes: scopeText(primary.scopes) }),
    ...(inputs.layout.type === "Opaque" ? {} : { type: "oauth2", provider: inputs.vendor }),
  };
}

function primaryOf({ grants, primary }: Pick<SecretInputs, "grants" | "primary">): PublishedGrant | undefined {
  const named = grants.find(({ name }) => name === primary);
  return named === undefined ? undefined : mergedByApi(grants).get(apiKeyOf(named));
}

/** What else the client can authenticate with around the moment of a change. */
function prefixed(prefix: string, credential: CredentialValues | undefined, audience: string | undefined): Values {
  if (credential === undefined) return {};
  const entries = Object.entries(credentialValues(credential, audience));
  return Object.fromEntries(entries.map(([name, value]) => [`${prefix}${name}`, value]));
}

/** Names of texts that a Secret of this type can ever have; `grants` and `apis` are objects, and not among them. */
export function knownNames(type: string): readonly string[] {
  return [
    ...["client_id", "domain", "issuer", "well_known_url", "token_endpoint", "jwks_uri", "audience", "scopes"],
    ...CREDENTIAL_NAMES,
    ...PASSING_NAMES,
    ...(type === "Opaque" ? [] : ["type", "provider"]),
  ];
}

const CREDENTIAL_NAMES: readonly string[] = [
  ...["client_secret", "private_key", "key_id", "signing_algorithm"],
  ...["client_assertion_audience", "client_assertion_type", "client_assertion_file", "token_endpoint_auth_method"],
];

/** Names that a client with such a credential can never have a value of. */
export function namesWithout(credential: CredentialValues): readonly string[] {
  const present = credentialValues(credential, "");
  return CREDENTIAL_NAMES.filter((name) => present[name] === undefined);
}

/** Names that exist only around the moment of a change; templates may request them at any time. */
export const PASSING_NAMES: readonly string[] = ["next_", "previous_"].flatMap((prefix) =>
  CREDENTIAL_NAMES.map((name) => `${prefix}${name}`),
);

/** Where a Pod mounts the token of its service account, unless it chooses another path. */
export const ASSERTION_FILE = "/var/run/secrets/m2m-operator.io/serviceaccount/token";

/** A secret, or what a client assertion is made with; the user's own private key is not published. */
function credentialValues(credential: CredentialValues, audience: string | undefined): Values {
  const method = { token_endpoint_auth_method: credential.authenticationMethod };
  const assertionAudience = audience === undefined ? {} : { client_assertion_audience: audience };
  if (credential.authenticationMethod === "kubernetes")
    return {
      ...method,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion_file: ASSERTION_FILE,
      ...assertionAudience,
    };
  if (credential.authenticationMethod !== "private_key_jwt")
    return { client_secret: credential.clientSecret, ...method };
  const { privateKey, keyId, algorithm } = credential;
  return {
    ...method,
    ...(privateKey === undefined ? {} : { private_key: privateKey }),
    ...(keyId === undefined ? {} : { key_id: keyId }),
    signing_algorithm: algorithm,
    ...assertionAudience,
  };
}

/** RFC 6749 section 3.3: separated by spaces; sorted, so that the same set always gives the same bytes. */
export function scopeText(scopes: readonly string[]): string {
  return [...new Set(scopes)].sort().join(" ");
}

function serverValues(server: Omit<PublicApi, "audience" | "scopes"> | undefined): Values {
  if (server === undefined) return {};
  return {
    issuer: server.issuer,
    well_known_url: server.wellKnownUrl,
    token_endpoint: server.tokenEndpoint,
    jwks_uri: server.jwksUri,
  };
}

/**
 * At least how many characters `grantsText` makes, computed without making them: as long as all scopes of all grants, which
 * several ScopeGrants of one API may repeat.
 */
export function grantsLength(grants: readonly PublishedGrant[]): number {
  const byApi = new Map<string, number>();
  for (const grant of grants) {
    const { issuer, audience, scopes } = grant;
    const key = apiKeyOf(grant);
    const length = scopes.reduce((sum, scope) => sum + scope.length, issuer.length + audience.length);
    byApi.set(key, Math.max(byApi.get(key) ?? 0, length));
  }
  return [...byApi.values()].reduce((sum, length) => sum + length, 0);
}

/** JSON with one entry per API. */
export function grantsText(grants: readonly PublishedGrant[]): string {
  return JSON.stringify(grantEntries(grants));
}

/** One entry per API, in an order that never depends on when its ScopeGrants came. */
function grantEntries(grants: readonly PublishedGrant[]): readonly object[] {
  return [...mergedByApi(grants).values()].map(
    ({ name, audience, scopes, issuer, wellKnownUrl, tokenEndpoint, organizations = [] }) => ({
      name,
      audience,
      scopes,
      issuer,
      well_known_url: wellKnownUrl,
      token_endpoint: tokenEndpoint,
      ...(organizations.length === 0 ? {} : { organizations }),
    }),
  );
}

/** Which grants are for one API: a provider has one issuer and audience for it. */
export const apiKeyOf = ({ issuer, audience }: PublishedGrant): string => `${issuer} ${audience}`;

/** The provider holds one grant for an API: everything that its ScopeGrants add to it, under the first of their names. */
function mergedByApi(grants: readonly PublishedGrant[]): ReadonlyMap<string, PublishedGrant> {
  const byApi = new Map<string, PublishedGrant>();
  for (const grant of [...grants].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const key = apiKeyOf(grant);
    const known = byApi.get(key) ?? grant;
    const scopes = sortedUnion(known.scopes, grant.scopes);
    const organizations = sortedUnion(known.organizations ?? [], grant.organizations ?? []);
    byApi.set(key, { ...known, scopes, organizations });
  }
  return byApi;
}

const sortedUnion = (left: readonly string[], right: readonly string[]): readonly string[] =>
  [...new Set([...left, ...right])].sort();

/** Service Binding reads these two by their exact names, whatever the style. */
const FIXED = new Set(["type", "provider"]);

/** The keys of the Secret. Values keep their names in snake case, styled and prefixed. */
export function styledKeys(values: Values, style: KeyStyle, prefix: string): Record<string, string> {
  const named = Object.entries(values).filter(([name]) => style !== "None" || FIXED.has(name));
  return Object.fromEntries(
    named.map(([name, value]) => [FIXED.has(name) ? name : prefix + styled(name, style), value]),
  );
}

function styled(name: string, style: KeyStyle): string {
  if (style === "Env") return name.toUpperCase();
  return style === "Kebab" ? name.replaceAll("_", "-") : name;
}
