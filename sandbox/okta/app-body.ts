import { z } from "zod";

/** Understood and kept as it is sent: it has no meaning here. */
const kept = z.unknown().optional();
const keptObject = z.record(z.string(), z.unknown()).optional();

const publicKey = z.looseObject({ kid: z.string().min(1).optional(), kty: z.enum(["RSA", "EC"]) });

const oauthClient = z.object({
  client_id: z
    .string()
    .regex(/^[A-Za-z0-9$\-_.+!*'(),]{6,100}$/)
    .optional(),
  client_secret: z.string().nullish(),
  token_endpoint_auth_method: z
    .enum(["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"])
    .optional(),
  autoKeyRotation: z.boolean().optional(),
  pkce_required: z.boolean().optional(),
});

const oauthSettings = z.object({
  application_type: z.enum(["service", "web", "native", "browser"]),
  response_types: z.array(z.string()).optional(),
  grant_types: z.array(z.string()).optional(),
  jwks: z.object({ keys: z.array(publicKey).max(50) }).nullish(),
  jwks_uri: z.url().nullish(),
  dpop_bound_access_tokens: z.boolean().optional(),
  ...{ client_uri: kept, logo_uri: kept, policy_uri: kept, tos_uri: kept, initiate_login_uri: kept },
  ...{ redirect_uris: kept, post_logout_redirect_uris: kept, wildcard_redirect: kept, idp_initiated_login: kept },
  ...{ consent_method: kept, issuer_mode: kept, network: kept, refresh_token: kept, participate_slo: kept },
  ...{ frontchannel_logout_uri: kept, frontchannel_logout_session_required: kept },
});

/** An OIDC app; every other kind of app is refused. */
export const appBody = z.object({
  label: z.string().min(1).max(100),
  name: z.literal("oidc_client").optional(),
  signOnMode: z.literal("OPENID_CONNECT"),
  profile: z.record(z.string(), z.unknown()).nullish(),
  accessibility: keptObject,
  visibility: keptObject,
  credentials: z.object({ oauthClient, userNameTemplate: kept, signing: kept }),
  settings: z.object({
    oauthClient: oauthSettings,
    ...{ app: kept, notes: keptObject, notifications: kept, manualProvisioning: kept, implicitAssignment: kept },
  }),
});

export type AppBody = z.output<typeof appBody>;
