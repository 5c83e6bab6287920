import { type Document, type StateContent, type StateResource, texts, textOrNull } from "./documents.ts";

const KNOWN = new Set([
  ...["okta_auth_server", "okta_auth_server_scope", "okta_auth_server_claim", "okta_auth_server_policy"],
  ...["okta_auth_server_policy_rule", "okta_app_oauth"],
]);

/** Resources of the Terraform provider okta/okta. */
export function oktaDocuments(resources: readonly StateResource[]): StateContent {
  const of = (type: string): readonly Document[] =>
    resources.filter((one) => one.type === type).map(({ values }) => values);
  const below = (type: string, server: unknown): readonly Document[] =>
    of(type).filter((one) => one["auth_server_id"] === server);
  const servers = of("okta_auth_server").map((server) => ({
    server: serverDocument(server),
    parts: {
      scopes: below("okta_auth_server_scope", server["id"]).filter(({ system }) => system !== true),
      claims: below("okta_auth_server_claim", server["id"])
        .filter(({ claim_type: type }) => type === "RESOURCE")
        .map(claimDocument),
      policies: below("okta_auth_server_policy", server["id"]).map((policy) => ({
        policy: policyDocument(policy),
        rules: below("okta_auth_server_policy_rule", server["id"])
          .filter((rule) => rule["policy_id"] === policy["id"])
          .map(ruleDocument),
      })),
      readAt: new Date(0),
    },
  }));
  return { documents: { servers, apps: of("okta_app_oauth").map(appDocument) }, missing: [], known: KNOWN };
}

const serverDocument = (server: Document): Document => ({
  ...{ id: server["id"], name: server["name"], description: textOrNull(server["description"]) },
  ...{ audiences: texts(server["audiences"]), issuer: textOrNull(server["issuer"]) ?? "", status: server["status"] },
  issuerMode: textOrNull(server["issuer_mode"]),
  credentials: { signing: { rotationMode: textOrNull(server["credentials_rotation_mode"]) } },
});

const claimDocument = (claim: Document): Document => ({
  ...{ id: claim["id"], name: claim["name"], status: claim["status"], value: claim["value"] },
  ...{ claimType: claim["claim_type"], valueType: claim["value_type"] },
  alwaysIncludeInToken: claim["always_include_in_token"],
  conditions: { scopes: texts(claim["scopes"]) },
});

const policyDocument = (policy: Document): Document => ({
  ...{ id: policy["id"], name: policy["name"], description: textOrNull(policy["description"]) },
  ...{ status: policy["status"], priority: policy["priority"], type: "OAUTH_AUTHORIZATION_POLICY" },
  conditions: { clients: { include: texts(policy["client_whitelist"]) } },
});

const ruleDocument = (rule: Document): Document => ({
  ...{ id: rule["id"], name: rule["name"], status: rule["status"], priority: rule["priority"] },
  conditions: {
    grantTypes: { include: texts(rule["grant_type_whitelist"]) },
    scopes: { include: texts(rule["scope_whitelist"]) },
  },
  actions: {
    token: {
      accessTokenLifetimeMinutes: rule["access_token_lifetime_minutes"] ?? null,
      ...(textOrNull(rule["inline_hook_id"]) === null ? {} : { inlineHook: { id: rule["inline_hook_id"] } }),
    },
  },
});

function appDocument(app: Document): Document {
  return {
    ...{ id: app["id"], label: app["label"], status: app["status"], signOnMode: "OPENID_CONNECT" },
    credentials: {
      oauthClient: {
        client_id: app["client_id"],
        token_endpoint_auth_method: textOrNull(app["token_endpoint_auth_method"]),
      },
    },
    settings: {
      notes: { admin: textOrNull(app["admin_note"]), enduser: textOrNull(app["enduser_note"]) },
      oauthClient: {
        ...{ application_type: app["type"], grant_types: texts(app["grant_types"]), jwks: keysOf(app["jwks"]) },
        jwks_uri: textOrNull(app["jwks_uri"]),
      },
    },
    profile: profileOf(app["profile"]),
  };
}

const keysOf = (keys: unknown): Document | null =>
  Array.isArray(keys) && keys.length > 0 ? { keys: (keys as readonly Document[]).map(({ kid }) => ({ kid })) } : null;

/** Terraform keeps it as text. */
function profileOf(text: unknown): unknown {
  try {
    return typeof text === "string" && text !== "" ? JSON.parse(text) : {};
  } catch {
    return {};
  }
}
