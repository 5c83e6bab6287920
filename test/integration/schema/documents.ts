import type { KindName } from "../../../src/kinds/registry.ts";

/** A document that must be refused, and the words that tell what to do. */
export interface BadDocument {
  readonly kind: KindName;
  readonly what: string;
  readonly spec: unknown;
  readonly says: string;
  /** The API server alone can tell: zod drops what it does not know. */
  readonly isServerOnly?: true;
}

const provider = (spec: object) => ({
  auth0: { domain: "acme.eu.auth0.com" },
  credentialsSecretRef: { name: "auth0" },
  ...spec,
});
const REALM = { url: "https://sso.example.com", realm: "machines" };
const okta = (spec: object) => ({ okta: spec, credentialsSecretRef: { name: "okta" } });
const api = (spec: object) => ({ audience: "https://api.example.com/", scopes: [{ name: "read" }], ...spec });
const grant = (spec: object) => ({ clientRef: { name: "client" }, apiRef: { name: "api" }, ...spec });
const claim = (name: string) => ({ name, expression: '"x"' });
const PEM = `-----BEGIN PUBLIC KEY-----\n${"A".repeat(100)}\n-----END PUBLIC KEY-----\n`;
const many = (count: number) => Array.from({ length: count }, (_, index) => index);

export const GOOD: readonly { readonly kind: KindName; readonly spec: unknown }[] = [
  { kind: "ClusterIdentityProvider", spec: provider({}) },
  {
    kind: "ClusterIdentityProvider",
    spec: provider({
      auth0: { domain: "localhost:8443", customDomain: "login.acme.com" },
      rateLimit: { requestsPerMinute: 120, burst: 10, sharePercent: 80 },
      driftInterval: "1h30m",
      verification: { policy: "Never", maxPerHour: 5 },
      allow: [
        { namespaces: { from: "All" } },
        { namespaces: { from: "Names", names: ["a", "b"] }, audiences: ["https://*.acme.com/*"] },
        {
          namespaces: {
            from: "Selector",
            selector: {
              matchLabels: { team: "payroll" },
              matchExpressions: [{ key: "env", operator: "In", values: ["prod"] }],
            },
          },
        },
      ],
    }),
  },
  {
    kind: "ClusterIdentityProvider",
    spec: provider({
      managementPolicy: "ObserveOnly",
      allow: [
        {
          namespaces: { from: "Names", names: ["portal"] },
          externalAudiences: [{ audience: "https://acme.eu.auth0.com/api/v2/", scopes: ["create:clients"] }],
          adopt: { clients: ["abc"], audiences: ["https://legacy.acme.com/*"], shareCredential: true },
        },
      ],
    }),
  },
  {
    kind: "OAuthApi",
    spec: api({
      tokens: { lifetime: "2h", signingAlgorithm: "HS256" },
      signingSecret: { name: "api-key" },
      adopt: true,
      auth0: {
        subjectTypeAuthorization: { client: "DenyAll", user: "RequireClientGrant" },
        allowOfflineAccess: true,
        allowOnlineAccess: false,
        skipUserConsent: true,
        proofOfPossession: { mechanism: "DPoP", required: true, requiredFor: "AllClients" },
        webTokenLifetime: "2h",
      },
    }),
  },
  {
    kind: "M2MClient",
    spec: {
      clientId: "abc",
      adopt: true,
      enabled: false,
      authentication: { method: "private_key_jwt", privateKeyJwt: { algorithm: "PS256", publicKeys: [{ pem: PEM }] } },
      tokenQuota: { perHour: 1, perDay: 10, enforce: false },
      defaultOrganization: "acme",
      unmanagedGrants: { policy: "Prune", after: "24h" },
    },
  },
  {
    kind: "ScopeGrant",
    spec: grant({ scopes: ["a"], organizations: { usage: "Require", any: false, names: ["acme"] } }),
  },
  { kind: "ScopeGrant", spec: { clientRef: { name: "a" }, externalAudience: "urn:any", scopes: ["b"] } },
  { kind: "IdentityProvider", spec: okta({ orgUrl: "https://acme.okta.com", customDomain: "login.acme.com" }) },
  {
    kind: "OAuthApi",
    spec: api({
      scopes: [{ name: "read", default: true }],
      adopt: true,
      okta: {
        issuerMode: "Dynamic",
        signingKeyRotation: "Manual",
        claims: [{ name: "team", expression: '"payroll"', scopes: ["read"] }],
        authorizationServerId: "aus1",
      },
    }),
  },
  { kind: "M2MClient", spec: { clientId: "chosen-by-us" } },
  {
    kind: "M2MClient",
    spec: {
      authentication: { method: "kubernetes", serviceAccount: { name: "importer" } },
      rotation: { announce: "1m", waitForPods: "None" },
    },
  },
  { kind: "ScopeGrant", spec: { allClients: true, apiRef: { name: "api" }, scopes: ["read"], tokenLifetime: "2h" } },
  { kind: "IdentityProvider", spec: provider({ allow: [{ audiences: ["https://a/"] }] }) },
  { kind: "ClusterIdentityProvider", spec: { keycloak: REALM } },
  { kind: "IdentityProvider", spec: { keycloak: REALM, credentialsSecretRef: { name: "realm" } } },
  { kind: "OAuthApi", spec: api({}) },
  {
    kind: "OAuthApi",
    spec: api({
      displayName: "Timesheets",
      description: "Text",
      tokens: { lifetime: "1h", signingAlgorithm: "PS256", profile: "RFC9068", permissions: "Include" },
      allowedGrants: [{ namespaces: { from: "All" }, scopes: ["read"] }],
      configMap: { name: "api-oauth" },
      deletionPolicy: "Retain",
    }),
  },
  { kind: "OAuthApi", spec: api({ scopes: many(1000).map((i) => ({ name: `scope:${String(i)}` })) }) },
  { kind: "M2MClient", spec: {} },
  {
    kind: "M2MClient",
    spec: {
      displayName: "Job",
      description: "A job",
      authentication: { method: "client_secret_basic" },
      metadata: { team: "payroll" },
      secret: {
        name: "job-oauth",
        type: "servicebinding.io/oauth2",
        keyStyle: "Kebab",
        keyPrefix: "app.",
        primaryGrant: "main",
        template: {
          labels: {
            "app.kubernetes.io/name": "job",
            "example.com/Team_1": "a.B-c_1",
            empty: "",
            [`k${"a".repeat(62)}`]: "1",
          },
          annotations: { note: "x y: é\n", [`${"a".repeat(63)}.example.com/note`]: "{}" },
          apiRefs: [{ as: "portal", name: "portal" }],
          data: { "a.properties": "{{ client_id }}" },
        },
      },
      deletionPolicy: "Delete",
    },
  },
  { kind: "ScopeGrant", spec: grant({ scopes: ["read"] }) },
  {
    kind: "ScopeGrant",
    spec: grant({ allScopes: true, apiRef: { name: "api", namespace: "other" }, secret: { name: "one" } }),
  },
];

const bad = (kind: KindName, what: string, spec: unknown, says: string, isServerOnly?: true): BadDocument => ({
  kind,
  what,
  spec,
  says,
  ...(isServerOnly === undefined ? {} : { isServerOnly }),
});

const client = (what: string, spec: unknown, says: string) => bad("M2MClient", what, spec, says);
const reserved = "reserved";

export const BAD: readonly BadDocument[] = [
  bad("ClusterIdentityProvider", "an unknown field", provider({ nonsense: 1 }), "unknown field", true),
  bad("ClusterIdentityProvider", "no provider", { credentialsSecretRef: { name: "x" } }, "exactly one provider"),
  bad(
    "ClusterIdentityProvider",
    "two providers at once",
    provider({ okta: { orgUrl: "https://a.okta.com" } }),
    "set exactly one provider: auth0, keycloak or okta",
  ),
  bad(
    "ClusterIdentityProvider",
    "a second provider of an unknown name",
    provider({ entra: { url: "https://a.example.com" } }),
    "unknown field",
    true,
  ),
  bad("IdentityProvider", "an org without a scheme", okta({ orgUrl: "acme.okta.com" }), "spec.okta.orgUrl"),
  bad("IdentityProvider", "an org with a slash at the end", okta({ orgUrl: "https://acme.okta.com/" }), "orgUrl"),
  bad(
    "ClusterIdentityProvider",
    "no credentials, of a vendor that takes no service account",
    { auth0: { domain: "a.auth0.com" } },
    "credentialsSecretRef is required: only keycloak accepts the token of",
  ),
  bad(
    "IdentityProvider",
    "the operator's own service account",
    { keycloak: REALM },
    "credentialsSecretRef is required: only a ClusterIdentityProvider may authenticate with the token of",
  ),
  bad(
    "ClusterIdentityProvider",
    "a domain with a scheme",
    provider({ auth0: { domain: "https://acme.auth0.com" } }),
    "spec.auth0.domain",
  ),
  bad(
    "ClusterIdentityProvider",
    "a domain with a path",
    provider({ auth0: { domain: "acme.auth0.com/x" } }),
    "spec.auth0.domain",
  ),
  bad("ClusterIdentityProvider", "a look every second", provider({ driftInterval: "1s" }), "between 10s and 24h"),
  bad(
    "ClusterIdentityProvider",
    "an interval that is no duration",
    provider({ driftInterval: "soon" }),
    "driftInterval",
  ),
  bad(
    "ClusterIdentityProvider",
    "no requests at all",
    provider({ rateLimit: { requestsPerMinute: 0 } }),
    "requestsPerMinute",
  ),
  bad(
    "ClusterIdentityProvider",
    "more than everything",
    provider({ rateLimit: { sharePercent: 101 } }),
    "sharePercent",
  ),
  bad("ClusterIdentityProvider", "an unknown policy", provider({ verification: { policy: "Always" } }), "policy"),
  bad("ClusterIdentityProvider", "a rule for nobody", provider({ allow: [{}] }), "namespaces"),
  bad(
    "ClusterIdentityProvider",
    "a selector with from All",
    provider({ allow: [{ namespaces: { from: "All", selector: {} } }] }),
    "from: Selector needs selector",
  ),
  bad(
    "ClusterIdentityProvider",
    "from Selector without one",
    provider({ allow: [{ namespaces: { from: "Selector" } }] }),
    "from: Selector needs selector",
  ),
  bad(
    "ClusterIdentityProvider",
    "from Names without names",
    provider({ allow: [{ namespaces: { from: "Names" } }] }),
    "from: Names needs names",
  ),
  bad(
    "IdentityProvider",
    "namespaces in a namespaced provider",
    provider({ allow: [{ namespaces: { from: "All" } }] }),
    "unknown field",
    true,
  ),
  bad(
    "IdentityProvider",
    "a Secret's name with capitals",
    provider({ credentialsSecretRef: { name: "Auth0" } }),
    "credentialsSecretRef.name",
  ),
  bad("OAuthApi", "no audience", { scopes: [] }, "audience"),
  bad("OAuthApi", "no scopes", { audience: "x" }, "scopes"),
  bad("OAuthApi", "an audience with a space", api({ audience: "https://a b/" }), "spec.audience"),
  bad("OAuthApi", "an empty audience", api({ audience: "" }), "spec.audience"),
  bad("OAuthApi", "an audience of 601 characters", api({ audience: "a".repeat(601) }), "spec.audience"),
  bad("OAuthApi", "1001 scopes", api({ scopes: many(1001).map((i) => ({ name: `s${String(i)}` })) }), "1000"),
  bad("OAuthApi", "one scope twice", api({ scopes: [{ name: "a" }, { name: "a" }] }), "Duplicate value"),
  bad("OAuthApi", "a scope with a space", api({ scopes: [{ name: "read all" }] }), "spec.scopes[0].name"),
  bad("OAuthApi", "a scope without a name", api({ scopes: [{ description: "x" }] }), "name"),
  bad("OAuthApi", "a lifetime of a second", api({ tokens: { lifetime: "1s" } }), "between 1m and 720h"),
  bad("OAuthApi", "a lifetime without a unit", api({ tokens: { lifetime: "3600" } }), "lifetime"),
  bad("OAuthApi", "an algorithm nobody has", api({ tokens: { signingAlgorithm: "none" } }), "signingAlgorithm"),
  bad("OAuthApi", "an unknown profile", api({ tokens: { profile: "Okta" } }), "profile"),
  bad(
    "OAuthApi",
    "an unknown kind of provider",
    api({ providerRef: { kind: "Tenant", name: "x" } }),
    "providerRef.kind",
  ),
  bad("OAuthApi", "a name with markup", api({ displayName: "<b>" }), "displayName"),
  bad("OAuthApi", "an unknown deletion policy", api({ deletionPolicy: "Orphan" }), "deletionPolicy"),
  bad(
    "OAuthApi",
    "a ConfigMap with a state Secret's name",
    api({ configMap: { name: "x.m2m-state" } }),
    "choose another name",
  ),
  bad(
    "OAuthApi",
    "a signing secret of a public key algorithm",
    api({ tokens: { signingAlgorithm: "RS256" }, signingSecret: { name: "x" } }),
    "signingSecret needs tokens.signingAlgorithm: HS256",
  ),
  bad(
    "OAuthApi",
    "a lifetime for browsers above that for all",
    api({ tokens: { lifetime: "1h" }, auth0: { webTokenLifetime: "2h" } }),
    "must not be above tokens.lifetime",
  ),
  bad(
    "OAuthApi",
    "a proof of an unknown kind",
    api({ auth0: { proofOfPossession: { mechanism: "PKCE" } } }),
    "mechanism",
  ),
  bad(
    "OAuthApi",
    "a policy of an unknown name",
    api({ auth0: { subjectTypeAuthorization: { client: "AllowAll" } } }),
    "subjectTypeAuthorization.client",
  ),
  client("adoption of nobody in particular", { adopt: true }, "adopt needs clientId"),
  client("adoption by what is no id", { clientId: ".", adopt: true }, "one ID or name"),
  client("an id that is another path", { clientId: "..", adopt: true }, "one ID or name"),
  client("an id with a slash", { clientId: "abc/credentials", adopt: true }, "one ID or name"),
  client("an organization that is another path", { defaultOrganization: ".." }, "one ID or name"),
  client(
    "keys with a method that has none",
    { authentication: { method: "client_secret_post", privateKeyJwt: {} } },
    "privateKeyJwt needs method: private_key_jwt",
  ),
  client(
    "an empty list of keys",
    { authentication: { method: "private_key_jwt", privateKeyJwt: { publicKeys: [] } } },
    "at least one key",
  ),
  client(
    "a private key in place of a public one",
    {
      authentication: {
        method: "private_key_jwt",
        privateKeyJwt: { publicKeys: [{ pem: PEM.replaceAll("PUBLIC", "PRIVATE") }] },
      },
    },
    "Never put a private key here",
  ),
  client(
    "a service account with a method that has none",
    { authentication: { method: "private_key_jwt", serviceAccount: { name: "importer" } } },
    "set method: kubernetes and serviceAccount together",
  ),
  client(
    "a service account without a method",
    { authentication: { serviceAccount: { name: "importer" } } },
    "set method: kubernetes and serviceAccount together",
  ),
  client(
    "no service account for the method that needs one",
    { authentication: { method: "kubernetes" } },
    "set method: kubernetes and serviceAccount together",
  ),
  client(
    "the service account that every Pod has",
    { authentication: { method: "kubernetes", serviceAccount: { name: "default" } } },
    "create a service account for this workload",
  ),
  client(
    "another namespace's service account",
    { authentication: { method: "kubernetes", serviceAccount: { name: "other:importer" } } },
    "serviceAccount.name",
  ),
  client(
    "keys beside a service account",
    {
      authentication: {
        ...{ method: "kubernetes", serviceAccount: { name: "importer" } },
        privateKeyJwt: { publicKeys: [{ pem: PEM }] },
      },
    },
    "privateKeyJwt needs method: private_key_jwt",
  ),
  client(
    "the rotation of a service account",
    {
      authentication: { method: "kubernetes", serviceAccount: { name: "importer" } },
      rotation: { every: "24h" },
    },
    "a service account has no credential to rotate",
  ),
  client("a quota of nothing", { tokenQuota: { enforce: true } }, "set perHour or perDay"),
  client("a quota of zero", { tokenQuota: { perHour: 0 } }, "perHour"),
  client("a time to prune after and nothing pruned", { unmanagedGrants: { after: "1h" } }, "after needs policy: Prune"),
  client("pruning at once", { unmanagedGrants: { policy: "Prune", after: "1s" } }, "between 1m and 8760h"),
  client("a method nobody has", { authentication: { method: "none" } }, "authentication.method"),
  client("a description of 141 characters", { description: "a".repeat(141) }, "description"),
  client("nine keys of metadata", { metadata: Object.fromEntries(many(9).map((i) => [`k${String(i)}`, "v"])) }, "8"),
  client("metadata with our prefix", { metadata: { m2m_operator: "x" } }, "choose another"),
  client("metadata that looks like our mark", { metadata: { a: "m2m1.x" } }, "ownership marks"),
  client("metadata of 256 characters", { metadata: { a: "v".repeat(256) } }, "metadata"),
  client("a Secret of a Kubernetes type", { secret: { type: "kubernetes.io/service-account-token" } }, "secret.type"),
  client("a reserved label", { secret: { template: { labels: { "app.kubernetes.io/instance": "x" } } } }, reserved),
  client(
    "a reserved annotation",
    { secret: { template: { annotations: { "kubernetes.io/service-account.name": "x" } } } },
    reserved,
  ),
  client(
    "an annotation of ours",
    { secret: { template: { annotations: { "m2m-operator.io/paused": "true" } } } },
    reserved,
  ),
  ...Object.entries({
    "a space": "my team",
    "a slash at the end": "example.com/",
    "two slashes": "a/b/c",
    "a prefix in capitals": "Example.com/team",
    "a prefix with two dots": "a..b/team",
    "a dot at its end": "team.",
    "64 characters": "a".repeat(64),
    nothing: "",
  }).flatMap(([what, key]) => [
    client(`a label's key with ${what}`, { secret: { template: { labels: { [key]: "x" } } } }, "PREFIX/NAME"),
    client(
      `an annotation's key with ${what}`,
      { secret: { template: { annotations: { [key]: "x" } } } },
      "PREFIX/NAME",
    ),
  ]),
  ...["a b", "-a", "a.", "é", "a/b", "a\n"].map((value) =>
    client(`the label "${value}"`, { secret: { template: { labels: { team: value } } } }, "values of labels"),
  ),
  client("a label of 64 characters", { secret: { template: { labels: { team: "a".repeat(64) } } } }, "team"),
  client(
    "more annotations than Kubernetes takes",
    {
      secret: {
        template: { annotations: Object.fromEntries(many(20).map((i) => [`k${String(i)}`, "€".repeat(4096)])) },
      },
    },
    "at most 61440 characters",
  ),
  client(
    "more templates than are read",
    { secret: { template: { data: Object.fromEntries(many(9).map((i) => [`k${String(i)}`, "x".repeat(8192)])) } } },
    "at most 65536 characters",
  ),
  client(
    "fifty-one templates",
    {
      secret: { template: { data: Object.fromEntries(many(51).map((i) => [`k${String(i)}`, "x"])) } },
    },
    "50",
  ),
  client("a template of 8193 characters", { secret: { template: { data: { a: "x".repeat(8193) } } } }, "8192"),
  bad("OAuthApi", "an audience with a space", { audience: "a b", scopes: [] }, "audience must not contain spaces"),
  client("a client ID with a space", { clientId: "a b" }, "clientId must consist of printable ASCII characters"),
  client("a Secret's name in capitals", { secret: { name: "JOB" } }, "must be the name of a Kubernetes object"),
  client("a duration without a unit", { rotation: { every: "30" } }, "must be a duration between"),
  client("a template key of two dots", { secret: { template: { data: { "..a": "x" } } } }, "do not begin with"),
  client("a template key of one dot", { secret: { template: { data: { ".": "x" } } } }, "keys of a Secret"),
  client("a prefix of two dots", { secret: { keyPrefix: "..a" } }, "must not begin with"),
  client("a name that no Secret can have", { secret: { name: "a..b" } }, "secret.name"),
  client("style None without a template", { secret: { keyStyle: "None" } }, "needs template.data"),
  client("an unknown style", { secret: { keyStyle: "Camel" } }, "keyStyle"),
  client("a prefix with a slash", { secret: { keyPrefix: "a/b" } }, "keyPrefix"),
  client("a template key with a slash", { secret: { template: { data: { "a/b": "x" } } } }, "keys of a Secret"),
  client(
    "one alias twice",
    {
      secret: {
        template: {
          apiRefs: [
            { as: "a", name: "x" },
            { as: "a", name: "y" },
          ],
        },
      },
    },
    "Duplicate value",
  ),
  client("a state Secret's name", { secret: { name: "job.m2m-state" } }, "choose another name"),
  bad("ScopeGrant", "neither scopes nor all", grant({}), "either scopes or allScopes"),
  bad("ScopeGrant", "scopes and all", grant({ scopes: ["a"], allScopes: true }), "either scopes or allScopes"),
  bad("ScopeGrant", "no scope in the list", grant({ scopes: [] }), "at least one scope"),
  bad("ScopeGrant", "allScopes false", grant({ allScopes: false }), "allScopes"),
  bad("ScopeGrant", "one scope twice", grant({ scopes: ["a", "a"] }), "Duplicate value"),
  bad("ScopeGrant", "no client", { apiRef: { name: "a" }, allScopes: true }, "either clientRef or allClients"),
  bad("ScopeGrant", "a client and all of them", grant({ allScopes: true, allClients: true }), "either clientRef or"),
  bad(
    "ScopeGrant",
    "all clients for an API elsewhere",
    { allClients: true, apiRef: { name: "a", namespace: "other" }, allScopes: true },
    "allClients needs apiRef without namespace",
  ),
  bad(
    "ScopeGrant",
    "all clients and an external audience",
    { allClients: true, externalAudience: "urn:any", scopes: ["a"] },
    "allClients needs apiRef",
  ),
  bad(
    "ScopeGrant",
    "all clients and a Secret",
    { allClients: true, apiRef: { name: "a" }, allScopes: true, secret: { name: "s" } },
    "allClients excludes secret",
  ),
  bad("ScopeGrant", "a token lifetime beyond a day", grant({ allScopes: true, tokenLifetime: "25h" }), "tokenLifetime"),
  bad(
    "OAuthApi",
    "a server to adopt without adopt",
    api({ okta: { authorizationServerId: "aus1" } }),
    "okta.authorizationServerId needs adopt",
  ),
  bad("OAuthApi", "sections of two providers", api({ okta: {}, auth0: {} }), "the section of at most one provider"),
  bad("OAuthApi", "one claim twice", api({ okta: { claims: [claim("team"), claim("team")] } }), "Duplicate value"),
  bad("OAuthApi", "a description with a mark", api({ description: "x m2m1.a" }), "ownership marks"),
  bad("ScopeGrant", "no API", { clientRef: { name: "a" }, allScopes: true }, "either apiRef or externalAudience"),
  bad(
    "ScopeGrant",
    "two APIs",
    grant({ externalAudience: "urn:any", scopes: ["a"] }),
    "either apiRef or externalAudience",
  ),
  bad(
    "ScopeGrant",
    "all scopes of an API that nobody declares",
    { clientRef: { name: "a" }, externalAudience: "urn:any", allScopes: true },
    "externalAudience needs scopes",
  ),
  bad(
    "ScopeGrant",
    "organizations that are denied",
    grant({ allScopes: true, organizations: { usage: "Deny", names: ["acme"] } }),
    "usage: Deny excludes",
  ),
  bad(
    "ScopeGrant",
    "an organization that is another path",
    grant({ allScopes: true, organizations: { usage: "Allow", names: ["a/b"] } }),
    "one ID or name",
  ),
  bad("ScopeGrant", "organizations without a usage", grant({ allScopes: true, organizations: {} }), "usage"),
  bad(
    "ScopeGrant",
    "a client of another namespace",
    grant({ clientRef: { name: "a", namespace: "b" }, allScopes: true }),
    "unknown field",
    true,
  ),
  bad("ScopeGrant", "an API's name with a slash", grant({ apiRef: { name: "a/b" }, allScopes: true }), "apiRef.name"),
];

/** Changes that the API server refuses once an object is there. */
export const FROZEN: readonly {
  readonly kind: KindName;
  readonly what: string;
  readonly before: object;
  readonly change: object;
  readonly says: string;
}[] = [
  {
    kind: "ClusterIdentityProvider",
    what: "its domain",
    before: provider({}),
    change: { auth0: { domain: "other.auth0.com" } },
    says: "domain is immutable",
  },
  {
    kind: "OAuthApi",
    what: "its audience",
    before: api({}),
    change: { audience: "https://other/" },
    says: "audience is immutable",
  },
  {
    kind: "OAuthApi",
    what: "its provider",
    before: api({}),
    change: { providerRef: { name: "other" } },
    says: "providerRef is immutable",
  },
  {
    kind: "M2MClient",
    what: "its provider",
    before: {},
    change: { providerRef: { kind: "IdentityProvider" } },
    says: "providerRef is immutable",
  },
  {
    kind: "M2MClient",
    what: "the type of its Secret alone",
    before: { secret: { name: "a" } },
    change: { secret: { type: "servicebinding.io/oauth2" } },
    says: "change secret.name",
  },
  {
    kind: "M2MClient",
    what: "the type of its Secret by removing spec.secret",
    before: { secret: { type: "servicebinding.io/oauth2" } },
    change: { secret: null },
    says: "change secret.name",
  },
  {
    kind: "M2MClient",
    what: "the type of its Secret by removing the type",
    before: { secret: { name: "a", type: "servicebinding.io/oauth2" } },
    change: { secret: { type: null } },
    says: "change secret.name",
  },
  {
    kind: "M2MClient",
    what: "the type of its Secret by adding spec.secret",
    before: {},
    change: { secret: { type: "servicebinding.io/oauth2" } },
    says: "change secret.name",
  },
  {
    kind: "M2MClient",
    what: "the client that it takes over",
    before: { clientId: "abc", adopt: true },
    change: { clientId: "other" },
    says: "clientId is immutable",
  },
  {
    kind: "M2MClient",
    what: "the client that it takes over, added later",
    before: {},
    change: { clientId: "other", adopt: true },
    says: "clientId is immutable",
  },
  {
    kind: "OAuthApi",
    what: "the authorization server that it takes over",
    before: api({ adopt: true, okta: { authorizationServerId: "aus1" } }),
    change: { okta: { authorizationServerId: "aus2" } },
    says: "okta.authorizationServerId is immutable",
  },
  {
    kind: "OAuthApi",
    what: "to no authorization server by its id",
    before: api({ adopt: true, okta: { authorizationServerId: "aus1" } }),
    change: { okta: { authorizationServerId: null } },
    says: "okta.authorizationServerId is immutable",
  },
  {
    kind: "OAuthApi",
    what: "to no section with the authorization server's id",
    before: api({ adopt: true, okta: { authorizationServerId: "aus1" } }),
    change: { okta: null },
    says: "okta.authorizationServerId is immutable",
  },
  {
    kind: "OAuthApi",
    what: "to an authorization server by its id",
    before: api({ adopt: true, okta: { issuerMode: "Dynamic" } }),
    change: { okta: { authorizationServerId: "aus1" } },
    says: "okta.authorizationServerId is immutable",
  },
  {
    kind: "OAuthApi",
    what: "to a section with an authorization server's id",
    before: api({ adopt: true }),
    change: { okta: { authorizationServerId: "aus1" } },
    says: "okta.authorizationServerId is immutable",
  },
  {
    kind: "ClusterIdentityProvider",
    what: "its org",
    before: okta({ orgUrl: "https://acme.okta.com" }),
    change: { okta: { orgUrl: "https://other.okta.com" } },
    says: "orgUrl is immutable",
  },
  {
    kind: "ClusterIdentityProvider",
    what: "its vendor",
    before: okta({ orgUrl: "https://acme.okta.com" }),
    change: { okta: null, auth0: { domain: "acme.eu.auth0.com" } },
    says: "the vendor (auth0, keycloak, okta) is immutable",
  },
  {
    kind: "ScopeGrant",
    what: "one client into all of them",
    before: grant({ allScopes: true }),
    change: { clientRef: null, allClients: true },
    says: "immutable",
  },
  {
    kind: "ScopeGrant",
    what: "its external audience",
    before: { clientRef: { name: "a" }, externalAudience: "urn:any", scopes: ["b"] },
    change: { externalAudience: "urn:other" },
    says: "immutable",
  },
  {
    kind: "ScopeGrant",
    what: "an API in place of an external audience",
    before: { clientRef: { name: "a" }, externalAudience: "urn:any", scopes: ["b"] },
    change: { externalAudience: null, apiRef: { name: "api" } },
    says: "immutable",
  },
  {
    kind: "ScopeGrant",
    what: "its client",
    before: grant({ allScopes: true }),
    change: { clientRef: { name: "other" } },
    says: "clientRef is immutable",
  },
  {
    kind: "ScopeGrant",
    what: "its API",
    before: grant({ allScopes: true }),
    change: { apiRef: { name: "other" } },
    says: "apiRef is immutable",
  },
];
