import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { duration } from "../schema/duration.ts";
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
import { offered } from "../schema/offered.ts";
import { sectionFields, sectionRules, vendorWishes } from "./vendor-sections.ts";
import {
  endpoints,
  origin,
  outputs,
  pendingCreate,
  proof,
  statusBase,
  statusText,
  usedProvider,
} from "../schema/status.ts";

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
      .enum(offered(({ signingAlgorithms }) => signingAlgorithms))
      .optional()
      .describe(
        "JWS algorithm of access tokens. HS256 signs with a secret that whoever verifies tokens must know (signingSecret). Default: the provider's own (RS256).",
      ),
    profile: z
      .enum(offered(({ profiles }) => profiles))
      .optional()
      .describe("Shape of access tokens: the vendor's classic one, or RFC 9068. Default: the provider's own."),
    permissions: z
      .enum(["Include", "Omit"])
      .optional()
      .describe(
        "Whether tokens carry a permissions claim beside scope. Include also turns on role-based access control of the API at Auth0. Default: the provider's own.",
      ),
  });

const spec = () =>
  withRules(specFields(), [
    ...sectionRules(),
    {
      rule: "!has(self.signingSecret) || (has(self.tokens) && has(self.tokens.signingAlgorithm) && self.tokens.signingAlgorithm == 'HS256')",
      message: "signingSecret needs tokens.signingAlgorithm: HS256; other algorithms are verified with public keys",
      holds: (value) => value.signingSecret === undefined || value.tokens?.signingAlgorithm === "HS256",
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
      .describe("Format of access tokens for this API. If unset, the operator does not manage this field."),
    ...sectionFields(),
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
    proof: proof(),
    provider: usedProvider(),
    ...endpoints(),
    pendingCreate: pendingCreate(),
    outputs: outputs(),
    origin: origin(),
    ownedScopes: atomicList(statusText(280), 1000)
      .optional()
      .describe("Of an adopted API: scopes that this resource has named. Others are left alone."),
    grantCount: z.int().min(0).optional().describe("Number of ScopeGrants that are granted on this API."),
    grants: atomicList(
      z.object({
        namespace: statusText(63).describe("Namespace of the ScopeGrant."),
        name: statusText(253).describe("Name of the ScopeGrant."),
        client: statusText(253).optional().describe("Name of its M2MClient. Absent: all clients of the tenant."),
        scopes: z.array(statusText(280)).max(1000).meta({ "x-kubernetes-list-type": "atomic" }),
      }),
      100,
    )
      .optional()
      .describe("Who may call this API: the first 100 ScopeGrants that are granted, by namespace and name."),
    tokenLifetime: statusText(20).optional().describe("Lifetime in force."),
    signingAlgorithm: statusText(20).optional().describe("Algorithm in force."),
    profile: statusText(20).optional().describe("Token profile in force."),
  });

export const oAuthApiSchema = z.object({ spec: spec(), status: status().optional() });

export type OAuthApiSpec = z.infer<ReturnType<typeof spec>>;
export type OAuthApiStatus = z.infer<ReturnType<typeof status>>;
export type OAuthApi = Resource<OAuthApiSpec, OAuthApiStatus>;

/**
 * The provider's id of the API that the resource names in order to adopt it; empty when it names none. Where several APIs
 * of a provider may have one audience, this tells them apart.
 */
export const adoptedApiIdOf = ({ spec }: Pick<OAuthApi, "spec">): string =>
  vendorWishes(spec).find(({ adoptedId }) => adoptedId !== undefined)?.adoptedId ?? "";
