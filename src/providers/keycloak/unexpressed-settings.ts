import { MARK_KEY } from "../../ports/mark.ts";
import { type Expressed, unexpressed } from "../unexpressed.ts";
import { grantRecordsIn, isMetadata } from "./attributes.ts";
import { SUBJECT_ATTRIBUTES } from "./client-subjects.ts";
import { DEFAULT_ALGORITHM } from "./capabilities.ts";
import type { ClientDocument, MapperDocument, RawClient, ScopeDocument } from "./documents.ts";
import { ALGORITHM, LIFESPAN, RFC9068 } from "./issuance.ts";
import { attributesIn, OTHER_GRANT_TYPES } from "./realm-client.ts";
import { audienceMapperOf } from "./realm-scope.ts";
import type { RealmState } from "./realm-state.ts";

const CLIENT: Expressed = {
  known: [
    ...["id", "clientId", "name", "description", "enabled", "protocol", "attributes", "protocolMappers", "access"],
    ...["clientAuthenticatorType", "secret", "registrationAccessToken", "origin", "type"],
    ...["bearerOnly", "publicClient", "serviceAccountsEnabled", "defaultClientScopes", "optionalClientScopes"],
    // Only a login of people uses them.
    ...[
      "standardFlowEnabled",
      "implicitFlowEnabled",
      "directAccessGrantsEnabled",
      "authenticationFlowBindingOverrides",
    ],
    ...["rootUrl", "adminUrl", "baseUrl", "redirectUris", "webOrigins", "surrogateAuthRequired", "consentRequired"],
    ...["alwaysDisplayInConsole", "frontchannelLogout", "registeredNodes", "nodeReRegistrationTimeout"],
  ],
  defaults: { fullScopeAllowed: true, notBefore: 0 },
};

/** Attributes that a spec has, that Keycloak writes by itself, or that only a login of people uses. */
const KNOWN = new Set([
  ...["client.secret.creation.time", "client.secret.authentication.allowed.method", "realm_client"],
  ...SUBJECT_ATTRIBUTES,
  ...["use.jwks.string", "jwks.string", LIFESPAN, "display.on.consent.screen", "consent.screen.text"],
  ...["login_theme", "logoUri", "policyUri", "tosUri", "post.logout.redirect.uris", "pkce.code.challenge.method"],
  ...["acr.loa.map", "default.acr.values", "minimum.acr.value", "use.refresh.tokens"],
  ...["standard.token.exchange.enableRefreshRequestedTokenType", ...OTHER_GRANT_TYPES],
]);
const LOGIN = [
  "backchannel.logout.",
  "frontchannel.logout.",
  "saml",
  "id.token.",
  "user.info.",
  "request.",
  "oidc.ciba.",
];

/** Client scopes that every realm has, and that give a machine's token nothing but what describes it. */
const BUILT_IN = new Set([
  ...["acr", "address", "basic", "email", "microprofile-jwt", "offline_access", "organization", "phone", "profile"],
  ...["role_list", "saml_organization", "service_account", "web-origins"],
]);

/** Clients of older servers have one for each of three claims, which `service_account` gives since. */
const OF_SERVICE_ACCOUNT = "oidc-usersessionmodel-note-mapper";

/** Settings of a client for which no spec has a field. */
export function beyondClient(raw: RawClient, realm: RealmState): readonly string[] {
  const mappers = (raw.protocolMappers ?? []).filter(({ protocolMapper: type }) => type !== OF_SERVICE_ACCOUNT);
  const others = otherScopes(raw, realm);
  return [
    ...unexpressed(raw, CLIENT),
    ...otherAttributes(raw).map((name) => `attributes.${name}`),
    ...(mappers.length === 0 ? [] : [`protocol mappers (${namesOf(mappers)})`]),
    ...(others.length === 0 ? [] : [`client scopes of no API (${others.join(", ")})`]),
  ];
}

/** What decides on tokens of the API, and that no spec has. `scopes`: those of the API. */
export function beyondApi(raw: ClientDocument, scopes: readonly ScopeDocument[]): readonly string[] {
  const { bearerOnly, serviceAccountsEnabled } = raw;
  return [
    ...(bearerOnly !== true && serviceAccountsEnabled === true ? ["it is also a client of its own"] : []),
    ...scopes.flatMap((scope) => {
      const own = audienceMapperOf(scope);
      const further = (scope.protocolMappers ?? []).filter((mapper) => mapper !== own);
      return further.length === 0 ? [] : [`further mappers of scope ${scope.name} (${namesOf(further)})`];
    }),
  ];
}

const namesOf = (mappers: readonly MapperDocument[]): string =>
  mappers
    .map(({ name }) => name)
    .sort()
    .join(", ");

function otherAttributes(raw: RawClient): readonly string[] {
  const attributes = attributesIn(raw);
  // What grants say is issued as their APIs say.
  const isIssuedByGrants = grantRecordsIn(attributes).length > 0;
  const issued = isIssuedByGrants || attributes[ALGORITHM] === DEFAULT_ALGORITHM ? [ALGORITHM] : [];
  const known = new Set([...KNOWN, ...issued, ...(isIssuedByGrants ? [RFC9068] : [])]);
  return Object.entries(attributes)
    .filter(([name, value]) => value !== "false" && !known.has(name) && !name.startsWith(MARK_KEY) && !isMetadata(name))
    .map(([name]) => name)
    .filter((name) => !LOGIN.some((prefix) => name.startsWith(prefix)));
}

/** Keycloak's own `roles` is one of them: it gives tokens further audiences. */
function otherScopes(
  { defaultClientScopes, optionalClientScopes }: ClientDocument,
  realm: RealmState,
): readonly string[] {
  const isOfApi = (name: string): boolean =>
    realm.scopes
      .byIndex("name", name)
      .some(({ audience = "" }) => realm.clients.byIndex("clientId", audience).length > 0);
  return [...new Set([...defaultClientScopes, ...optionalClientScopes])]
    .filter((name) => !BUILT_IN.has(name) && !isOfApi(name))
    .sort();
}
