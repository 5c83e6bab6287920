import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { duration } from "../schema/duration.ts";
import { deletionPolicy, displayName, namespaceRule, providerRef, publishedName, scopeName } from "../schema/fields.ts";
import { atomicList, mapList, textSet, withRules } from "../schema/rules.ts";
import { endpoints, outputs, pendingCreate, statusBase, statusText } from "../schema/status.ts";

const scope = () =>
  z.object({
    name: scopeName(),
    description: z.string().max(500).optional().describe("Tells people what the scope allows."),
  });

const tokens = () =>
  z.object({
    lifetime: duration("1m", "720h")
      .optional()
      .describe("From issue to expiry of an access token. Default: the provider's own."),
    signingAlgorithm: z
      .enum(["RS256", "PS256", "RS512"])
      .optional()
      .describe("JWS algorithm of access tokens. Default: the provider's own (RS256)."),
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

const spec = () =>
  z.object({
    providerRef: providerRef(),
    displayName: displayName().optional(),
    description: z
      .string()
      .max(500)
      .optional()
      .describe("For readers of this resource. Auth0 has no such field; there it stays here."),
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
    deletionPolicy: deletionPolicy("the API").optional(),
  });

const status = () =>
  z.object({
    ...statusBase(),
    ...endpoints(),
    pendingCreate: pendingCreate(),
    outputs: outputs(),
    tokenLifetime: statusText(20).optional().describe("Lifetime in force."),
    signingAlgorithm: statusText(20).optional().describe("Algorithm in force."),
    profile: statusText(20).optional().describe("Token profile in force."),
  });

export const oAuthApiSchema = z.object({ spec: spec(), status: status().optional() });

export type OAuthApiSpec = z.infer<ReturnType<typeof spec>>;
export type OAuthApiStatus = z.infer<ReturnType<typeof status>>;
export type OAuthApi = Resource<OAuthApiSpec, OAuthApiStatus>;
