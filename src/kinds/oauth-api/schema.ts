import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { duration, durationMs } from "../schema/duration.ts";
import {
  adopt,
  deletionPolicy,
  displayName,
  namespaceRule,
  providerRef,
  publishedName,
  scopeName,
} from "../schema/fields.ts";
import { atomicList, mapList, textSet, withRules } from "../schema/rules.ts";
import { endpoints, origin, outputs, pendingCreate, statusBase, statusText } from "../schema/status.ts";

const scope = () =>
  z.object({
    name: scopeName(),
    description: z.string().max(500).optional().describe("Tells people what the scope allows."),
    default: z
      .boolean()
      .optional()
      .describe(
        "Whether a token request that names no scope gets this one (Okta). Auth0 gives all that is granted then.",
      ),
  });

const tokens = () =>
  z.object({
    lifetime: duration("1m", "720h")
      .optional()
      .describe("From issue to expiry of an access token. Default: the provider's own."),
    signingAlgorithm: z
      .enum(["RS256", "PS256", "RS512", "HS256"])
      .optional()
      .describe(
        "JWS algorithm of access tokens. HS256 signs with a secret that whoever verifies tokens must know (signingSecret). Default: the provider's own (RS256).",
      ),
    profile: z
      .enum(["Auth0", "RFC9068"])
      .optional()
      .describe("Shape of access tokens: the vendor's classic one, or RFC 9068. Default: the provider's own."),
    permissions: z
      .enum(["Include", "Omit"])
      .optional()
      .describe(
        "Whether tokens carry a permissions claim beside scope. Include also turns on role-based access control of the API at Auth0. Default: the provider's own.",
      ),
  });

const subjectTypeAuthorization = () =>
  z.object({
    client: z
      .enum(["RequireClientGrant", "DenyAll"])
      .optional()
      .describe("Clients that act for themselves. DenyAll: none gets a token, whatever it was granted."),
    user: z.enum(["AllowAll", "DenyAll", "RequireClientGrant"]).optional().describe("Clients that act for a person."),
  });

const proofOfPossession = () =>
  z.object({
    mechanism: z.enum(["None", "DPoP", "MTLS"]).describe("How a token is bound to its holder (RFC 9449, RFC 8705)."),
    required: z.boolean().optional().describe("Whether a token without proof is refused. Default: false."),
    requiredFor: z.enum(["PublicClients", "AllClients"]).optional().describe("Of whom it is required."),
  });

/** What only Auth0 has. A field that is not set is left as the tenant has it. */
const auth0 = () =>
  z.object({
    subjectTypeAuthorization: subjectTypeAuthorization().optional().describe("Who may get tokens at all."),
    allowOfflineAccess: z.boolean().optional().describe("Whether refresh tokens may be issued for this API."),
    allowOnlineAccess: z.boolean().optional().describe("Whether tokens that end with the session may be issued."),
    skipUserConsent: z.boolean().optional().describe("Whether verifiable first-party clients skip the consent page."),
    proofOfPossession: proofOfPossession().optional().describe("Sender-constrained tokens."),
    webTokenLifetime: duration("1m", "720h")
      .optional()
      .describe("Lifetime of tokens for browsers; never above tokens.lifetime. Auth0's own default is 2h."),
  });

const claim = () =>
  z.object({
    name: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[!#-[\]-~]+$/)
      .describe(
        "Name of the claim in access tokens. Names that tokens have anyway (iss, exp, scp …) are refused there.",
      ),
    expression: z
      .string()
      .min(1)
      .max(1024)
      .describe('Okta expression, for example "text" in quotation marks, app.clientId or app.profile.team.'),
    scopes: textSet(scopeName(), 100).optional().describe("Only in tokens with one of these scopes. Absent: always."),
  });

/** What only Okta has. A field that is not set is left as the org has it. */
const okta = () =>
  z.object({
    issuerMode: z
      .enum(["OrgUrl", "CustomUrl", "Dynamic"])
      .optional()
      .describe("Which host the issuer has. Default: the org's own choice."),
    signingKeyRotation: z.enum(["Auto", "Manual"]).optional().describe("Who rotates the keys that sign tokens."),
    claims: mapList(claim(), "name", 100)
      .optional()
      .describe("Custom claims of access tokens: exactly these. Absent: nobody touches them."),
    authorizationServerId: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[A-Za-z0-9]+$/)
      .optional()
      .describe("With adopt: the id of the authorization server to take over."),
  });

const spec = () =>
  withRules(specFields(), [
    {
      rule: "!has(self.okta) || !has(self.okta.authorizationServerId) || (has(self.adopt) && self.adopt)",
      message: "okta.authorizationServerId needs adopt: true",
      holds: (value) => value.okta?.authorizationServerId === undefined || value.adopt === true,
    },
    {
      rule: "!(has(self.auth0) && has(self.okta))",
      message: "set the section of one provider: auth0 or okta",
      holds: (value) => value.auth0 === undefined || value.okta === undefined,
    },
    {
      rule: "!has(self.signingSecret) || (has(self.tokens) && has(self.tokens.signingAlgorithm) && self.tokens.signingAlgorithm == 'HS256')",
      message: "signingSecret needs tokens.signingAlgorithm: HS256; other algorithms are verified with public keys",
      holds: (value) => value.signingSecret === undefined || value.tokens?.signingAlgorithm === "HS256",
    },
    {
      rule: "!has(self.auth0) || !has(self.auth0.webTokenLifetime) || !has(self.tokens) || !has(self.tokens.lifetime) || duration(self.auth0.webTokenLifetime) <= duration(self.tokens.lifetime)",
      message: "auth0.webTokenLifetime must not be above tokens.lifetime",
      holds: ({ auth0: settings, tokens: wanted }) =>
        settings?.webTokenLifetime === undefined ||
        wanted?.lifetime === undefined ||
        durationMs(settings.webTokenLifetime) <= durationMs(wanted.lifetime),
    },
  ]);

const specFields = () =>
  z.object({
    providerRef: providerRef(),
    displayName: displayName().optional(),
    description: withRules(z.string().max(500), [
      {
        rule: "!self.contains('m2m1.')",
        message: "texts with m2m1. are ownership marks; choose another",
        holds: (text) => !text.includes("m2m1."),
      },
    ])
      .optional()
      .describe("What the API is for. Sent to Okta; Auth0 has no such field, there it stays here."),
    audience: withRules(
      z
        .string()
        .min(1)
        .max(600)
        .regex(/^[^\s]+$/),
      [{ rule: "self == oldSelf", message: "audience is immutable: delete this resource and create it anew" }],
    ).describe("Value of aud in tokens, usually the API's URL. No spaces. Immutable."),
    scopes: mapList(scope(), "name", 1000).describe("Everything that can be granted, by name."),
    tokens: tokens()
      .optional()
      .describe("How access tokens for this API look. What is not set is left as the provider has it."),
    auth0: auth0().optional().describe("Settings that only Auth0 has."),
    okta: okta().optional().describe("Settings that only Okta has."),
    allowedGrants: atomicList(
      z.object({
        namespaces: namespaceRule().describe("Namespaces this consent is for."),
        scopes: textSet(scopeName(), 1000).optional().describe("Scopes they may ask for. Absent: all."),
      }),
      50,
    )
      .optional()
      .describe("Who else may point a ScopeGrant here; the own namespace always may."),
    configMap: z
      .object({ name: publishedName().describe("Name of the ConfigMap.") })
      .optional()
      .describe("ConfigMap with what a resource server or gateway needs to verify tokens."),
    signingSecret: z
      .object({ name: publishedName().describe("Name of the Secret.") })
      .optional()
      .describe("With HS256: Secret with the key that verifies tokens. Who can read it can also forge them."),
    adopt: adopt("API").optional(),
    deletionPolicy: deletionPolicy("the API").optional(),
  });

const status = () =>
  z.object({
    ...statusBase(),
    ...endpoints(),
    pendingCreate: pendingCreate(),
    outputs: outputs(),
    origin: origin(),
    ownedScopes: atomicList(statusText(280), 1000)
      .optional()
      .describe("Of an adopted API: scopes that this resource has named. Others are left alone."),
    tokenLifetime: statusText(20).optional().describe("Lifetime in force."),
    signingAlgorithm: statusText(20).optional().describe("Algorithm in force."),
    profile: statusText(20).optional().describe("Token profile in force."),
  });

export const oAuthApiSchema = z.object({ spec: spec(), status: status().optional() });

export type OAuthApiSpec = z.infer<ReturnType<typeof spec>>;
export type OAuthApiStatus = z.infer<ReturnType<typeof status>>;
export type OAuthApi = Resource<OAuthApiSpec, OAuthApiStatus>;
