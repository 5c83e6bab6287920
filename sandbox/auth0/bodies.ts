import { z } from "zod";
import { invalidBody } from "./errors.ts";

const scopes = z
  .array(z.strictObject({ value: z.string().min(1).max(280), description: z.string().max(500).optional() }))
  .max(1000);
const policy = (values: [string, ...string[]]) => z.strictObject({ policy: z.enum(values) });

const resourceServerProperties = {
  name: z
    .string()
    .max(200)
    .regex(/^[^<>]*$/)
    .optional(),
  scopes: scopes.optional(),
  signing_alg: z.enum(["HS256", "RS256", "RS512", "PS256"]).optional(),
  signing_secret: z.string().min(16).optional(),
  token_lifetime: z.int().min(0).max(2_592_000).optional(),
  token_lifetime_for_web: z.int().min(0).max(2_592_000).optional(),
  token_dialect: z.enum(["access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"]).optional(),
  enforce_policies: z.boolean().optional(),
  allow_offline_access: z.boolean().optional(),
  allow_online_access: z.boolean().optional(),
  allow_online_access_with_ephemeral_sessions: z.boolean().optional(),
  skip_consent_for_verifiable_first_party_clients: z.boolean().optional(),
  verification_key: z.string().optional(),
  subject_type_authorization: z
    .strictObject({
      client: policy(["require_client_grant", "deny_all"]).optional(),
      user: policy(["allow_all", "deny_all", "require_client_grant"]).optional(),
    })
    .optional(),
  authorization_details: z.array(z.looseObject({ type: z.string() })).nullish(),
  token_encryption: z
    .strictObject({
      format: z.string(),
      encryption_key: z.strictObject({
        name: z.string().optional(),
        alg: z.string(),
        kid: z.string().optional(),
        pem: z.string(),
        thumbprint_sha256: z.string().optional(),
      }),
    })
    .nullish(),
  proof_of_possession: z
    .strictObject({
      mechanism: z.enum(["mtls", "dpop"]),
      required: z.boolean(),
      required_for: z.enum(["public_clients", "all_clients"]).optional(),
    })
    .nullish(),
  consent_policy: z.string().nullish(),
  authorization_policy: z.strictObject({ policy_id: z.string() }).nullish(),
};

export const createResourceServer = z.strictObject({
  identifier: z.string().min(1).max(600),
  ...resourceServerProperties,
});
export const updateResourceServer = z.strictObject(resourceServerProperties);

const quota = z.strictObject({
  client_credentials: z.strictObject({
    enforce: z.boolean().optional(),
    per_day: z.int().min(1).max(2_147_483_647).optional(),
    per_hour: z.int().min(1).max(2_147_483_647).optional(),
  }),
});

/** Keys that `private_key_jwt` may refer to. */
const MAX_ATTACHED = 2;

/** Refers to credentials by id; when a client is created, may bring them along. */
function slot(max: number) {
  return z.strictObject({
    credentials: z.array(z.looseObject({})).superRefine((list, context) => {
      if (list.length > max)
        context.addIssue({
          code: "custom",
          message: `Array is too long (${String(list.length)}), maximum ${String(max)}`,
          input: list,
        });
    }),
  });
}

const metadataValue = z.string().max(255).nullable();

/** Clients have far more properties than machines need; those that only concern logins are stored unchecked. */
const clientProperties = {
  name: z
    .string()
    .min(1)
    .regex(/^[^<>]*$/)
    .optional(),
  description: z.string().max(140).optional(),
  app_type: z.string().optional(),
  grant_types: z.array(z.string()).optional(),
  token_endpoint_auth_method: z.enum(["none", "client_secret_post", "client_secret_basic"]).nullish(),
  client_metadata: z.record(z.string().min(1).max(255), metadataValue).optional(),
  client_secret: z.string().min(1).optional(),
  oidc_conformant: z.boolean().optional(),
  is_first_party: z.boolean().optional(),
  jwt_configuration: z.looseObject({ alg: z.string().optional() }).optional(),
  token_quota: quota.nullish(),
  default_organization: z
    .strictObject({ organization_id: z.string().min(1), flows: z.array(z.enum(["client_credentials"])).min(1) })
    .nullish(),
  client_authentication_methods: z
    .strictObject({
      private_key_jwt: slot(MAX_ATTACHED).optional(),
      tls_client_auth: slot(1).optional(),
      self_signed_tls_client_auth: slot(2).optional(),
    })
    .nullish(),
};

const OTHER_CLIENT_PROPERTIES = new Set([
  ...["addons", "allowed_clients", "allowed_logout_urls", "allowed_origins", "async_approval_notification_channels"],
  ...["callbacks", "client_aliases", "compliance_level", "cross_origin_authentication"],
  ...["cross_origin_loc", "custom_login_page", "custom_login_page_on", "custom_login_page_preview"],
  ...[
    "encryption_key",
    "express_configuration",
    "form_template",
    "initiate_login_uri",
    "is_token_endpoint_ip_header_trusted",
  ],
  ...[
    "logo_uri",
    "mobile",
    "my_organization_configuration",
    "native_social_login",
    "oidc_backchannel_logout",
    "oidc_logout",
  ],
  ...["organization_require_behavior", "organization_usage", "organization_discovery_methods", "par_request_expiry"],
  ...[
    "refresh_token",
    "require_proof_of_possession",
    "require_pushed_authorization_requests",
    "resource_server_identifier",
  ],
  ...[
    "session_transfer",
    "signed_request_object",
    "skip_non_verifiable_callback_uri_confirmation_prompt",
    "sso",
    "sso_disabled",
  ],
  ...[
    "token_exchange",
    "web_origins",
    "fedcm_login",
    "identity_assertion_authorization_grant",
    "third_party_security_mode",
    "redirection_policy",
    "token_vault_privileged_access",
    "custom_login_page_code",
  ],
]);

/** Keys of `client_metadata`. */
export const MAX_METADATA = 10;

const clientBody = (properties: z.ZodRawShape) =>
  z.looseObject(properties).superRefine((body, context) => {
    for (const name of Object.keys(body))
      if (!(name in properties) && !OTHER_CLIENT_PROPERTIES.has(name))
        context.addIssue({ code: "unrecognized_keys", keys: [name], input: body, message: name });
    const metadata = (body as { client_metadata?: Record<string, unknown> }).client_metadata ?? {};
    if (Object.keys(metadata).length > MAX_METADATA)
      context.addIssue({ code: "custom", message: "Too many properties", input: body });
  });

export const createClient = clientBody({
  ...clientProperties,
  name: z
    .string()
    .min(1)
    .regex(/^[^<>]*$/),
});
export const updateClient = clientBody(clientProperties);

const time = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), "Object didn't pass validation for format date-time");

export const createCredential = z.strictObject({
  credential_type: z.enum(["public_key", "x509_cert", "cert_subject_dn"]),
  name: z.string().max(128).optional(),
  pem: z.string().min(1).max(10_000).optional(),
  alg: z.enum(["RS256", "RS384", "PS256"]).optional(),
  kid: z
    .string()
    .regex(/^[0-9a-zA-Z\-_]{10,64}$/)
    .optional(),
  subject_dn: z.string().optional(),
  parse_expiry_from_cert: z.boolean().optional(),
  expires_at: time.optional(),
});
export const updateCredential = z.strictObject({ expires_at: time.nullish() });

const organizationProperties = {
  display_name: z.string().min(1).max(255).optional(),
  branding: z.looseObject({}).optional(),
  metadata: z.record(z.string().max(255), z.string().max(255).nullable()).optional(),
  enabled_connections: z.array(z.looseObject({ connection_id: z.string() })).optional(),
  token_quota: quota.nullish(),
  third_party_client_access: z.enum(["block", "allow"]).optional(),
  is_app_entitlement_active: z.boolean().optional(),
};
const organizationName = z
  .string()
  .min(1)
  .max(50)
  .regex(/^[a-z0-9][a-z0-9_-]*$/);

export const createOrganization = z.strictObject({ name: organizationName, ...organizationProperties });
export const updateOrganization = z.strictObject({ name: organizationName.optional(), ...organizationProperties });
export const linkGrant = z.strictObject({ grant_id: z.string().min(1) });

const scope = z.array(z.string().min(1).max(280));
const usage = z.enum(["deny", "allow", "require"]);

export const createGrant = z.strictObject({
  client_id: z.string().min(1).optional(),
  default_for: z.enum(["third_party_clients"]).optional(),
  audience: z.string().min(1),
  scope: scope.optional(),
  subject_type: z.enum(["client", "user", "anonymous_user"]).optional(),
  organization_usage: usage.optional(),
  allow_any_organization: z.boolean().optional(),
  allow_all_scopes: z.boolean().optional(),
  authorization_details_types: z.array(z.string()).optional(),
});

export const updateGrant = z.strictObject({
  scope: scope.nullish(),
  organization_usage: usage.nullish(),
  allow_any_organization: z.boolean().nullish(),
  authorization_details_types: z.array(z.string()).optional(),
  allow_all_scopes: z.boolean().nullish(),
});

/** Refuses as the vendor's validator does: the first thing that is wrong, by name. */
export function parseBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const { data, success, error } = schema.safeParse(body ?? {}, { reportInput: true });
  if (success) return data;
  const [issue] = error.issues;
  const path = issue?.path ?? [];
  if (issue?.code === "unrecognized_keys")
    throw invalidBody(`'Additional properties not allowed: ${issue.keys.join(", ")}'${placeOf(path)}`);
  if (issue?.code === "invalid_type" && issue.input === undefined)
    throw invalidBody(`'Missing required property: ${String(path.at(-1))}'${placeOf(path.slice(0, -1))}`);
  throw invalidBody(`'${issue?.message ?? "Invalid"}'${placeOf(path)}`);
}

/** `scopes[8].value`; of the body itself nothing is said. */
function placeOf(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === "number" ? `[${String(part)}]` : `.${String(part)}`)).join("");
  return text === "" ? "" : ` on property ${text.replace(/^\./, "")}`;
}
