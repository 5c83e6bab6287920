import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { duration } from "../schema/duration.ts";
import {
  adopt,
  audienceText,
  deletionPolicy,
  displayName,
  listedScopeName,
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
  pendingConfirmations,
  pendingCreate,
  proof,
  statusBase,
  statusText,
  usedProvider,
} from "../schema/status.ts";

const scope = () =>
  z.object({
    name: scopeName(),
    description: z.string().max(500).optional().describe("What the scope allows, for people."),
    default: z
      .boolean()
      .optional()
      .describe(
        "Whether a token request that names no scope gets this one. Okta only: Auth0 then issues every granted scope, and Keycloak none.",
      ),
  });

const tokens = () =>
  z.object({
    lifetime: duration("1m", "720h")
      .optional()
      .describe("Lifetime of access tokens. If unset, the provider's default applies."),
    signingAlgorithm: z
      .enum(offered(({ signingAlgorithms }) => signingAlgorithms))
      .optional()
      .describe(
        "JWS algorithm of access tokens. HS256 signs with a secret that every verifier must know (signingSecret). If unset, the operator does not manage this field. A new API then uses RS256.",
      ),
    profile: z
      .enum(offered(({ profiles }) => profiles))
      .optional()
      .describe(
        "Format of access tokens: the vendor's own, or RFC 9068. If unset, the operator does not manage this field.",
      ),
    permissions: z
      .enum(["Include", "Omit"])
      .optional()
      .describe(
        "Whether tokens have a permissions claim beside scope. Auth0 only. Include also enables role-based access control for the API. If unset, the operator does not manage this field.",
      ),
  });

const spec = () =>
  withRules(specFields(), [
    ...sectionRules(),
    {
      rule: "!has(self.signingSecret) || (has(self.tokens) && has(self.tokens.signingAlgorithm) && self.tokens.signingAlgorithm == 'HS256')",
      message: "signingSecret needs tokens.signingAlgorithm: HS256 (public keys verify tokens of other algorithms)",
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
        message: "the operator reserves texts with m2m1. as ownership marks: choose another",
        holds: (text) => !text.includes("m2m1."),
      },
    ])
      .optional()
      .describe(
        "Description of the API. Auth0 has no such field: there the text stays in this resource. If unset, the operator does not manage this field.",
      ),
    audience: withRules(audienceText("audience"), [
      {
        rule: "self == oldSelf",
        message:
          "audience is immutable: delete this resource and create it again (deletionPolicy: Retain keeps the object at the tenant)",
      },
    ]).describe("Audience: claim aud of tokens, usually the URL of the API. No spaces. Immutable."),
    scopes: mapList(scope(), "name", 1000).describe("Scopes of the API. A ScopeGrant can request only these."),
    tokens: tokens()
      .optional()
      .describe("Format of access tokens for this API. If unset, the operator does not manage this field."),
    ...sectionFields(),
    allowedGrants: atomicList(
      z.object({
        namespaces: namespaceRule().describe("Namespaces that this rule applies to."),
        scopes: textSet(listedScopeName(), 1000).optional().describe("Scopes that they may request. If unset, all."),
      }),
      50,
    )
      .optional()
      .describe(
        "Other namespaces whose ScopeGrants may request scopes of this API. The API's own namespace always may.",
      ),
    configMap: z
      .object({ name: publishedName().describe("Name of the ConfigMap.") })
      .optional()
      .describe(
        "ConfigMap that the operator publishes, with what a resource server or gateway needs to verify tokens.",
      ),
    signingSecret: z
      .object({ name: publishedName().describe("Name of the Secret.") })
      .optional()
      .describe(
        "Secret that the operator publishes, with the key that verifies tokens. Only with HS256. A reader of this Secret can also forge tokens.",
      ),
    adopt: adopt("an API").optional(),
    deletionPolicy: deletionPolicy("the API").optional(),
  });

const status = () =>
  z.object({
    ...statusBase(),
    proof: proof(),
    provider: usedProvider(),
    ...endpoints(),
    pendingCreate: pendingCreate(),
    pendingConfirmations: pendingConfirmations(),
    outputs: outputs(),
    origin: origin(),
    ownedScopes: atomicList(statusText(280), 1000)
      .optional()
      .describe("Scopes of an adopted API that this resource has named. The operator does not touch the others."),
    grantCount: z.int().min(0).optional().describe("Number of granted ScopeGrants for this API."),
    grants: atomicList(
      z.object({
        namespace: statusText(63).describe("Namespace of the ScopeGrant."),
        name: statusText(253).describe("Name of the ScopeGrant."),
        client: statusText(253)
          .optional()
          .describe("Name of its M2MClient. Unset for a grant to all clients of the tenant."),
        scopes: z
          .array(statusText(280))
          .max(1000)
          .meta({ "x-kubernetes-list-type": "atomic" })
          .describe("Granted scopes: the first 20, or fewer if they are long."),
        scopeCount: z
          .int()
          .min(0)
          .optional()
          .describe("Number of granted scopes, if scopes does not show all of them."),
      }),
      100,
    )
      .optional()
      .describe("ScopeGrants that give access to this API: the first 100, by namespace and name."),
    tokenLifetime: statusText(20).optional().describe("Token lifetime in force."),
    signingAlgorithm: statusText(20).optional().describe("Signing algorithm in force."),
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
