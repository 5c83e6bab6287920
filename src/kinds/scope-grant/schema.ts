import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { duration } from "../schema/duration.ts";
import { namespaceName, objectName, publishedName, remoteId, scopeName } from "../schema/fields.ts";
import { atomicList, textSet, withRules } from "../schema/rules.ts";
import { origin, outputs, proof, statusBase, statusText } from "../schema/status.ts";

const clientRef = () =>
  withRules(z.object({ name: objectName().describe("Name of the M2MClient, in this namespace.") }), [
    { rule: "self == oldSelf", message: "clientRef is immutable: delete this resource and create it again" },
  ]);

const apiRef = () =>
  withRules(
    z.object({
      name: objectName().describe("Name of the OAuthApi."),
      namespace: namespaceName()
        .optional()
        .describe(
          "Namespace of the OAuthApi. Another namespace needs consent in the allowedGrants of that OAuthApi. Default: the namespace of this resource.",
        ),
    }),
    [{ rule: "self == oldSelf", message: "apiRef is immutable: delete this resource and create it again" }],
  );

const organizations = () =>
  withRules(
    z.object({
      usage: z
        .enum(["Deny", "Allow", "Require"])
        .describe("Whether tokens are bound to an organization. Deny: never. Allow: on request. Require: always."),
      any: z.boolean().optional().describe("Whether tokens may be bound to any organization of the tenant."),
      names: textSet(remoteId(), 100)
        .optional()
        .describe(
          "IDs or names of the organizations that the grant is linked to. If unset, the operator does not manage the links.",
        ),
    }),
    [
      {
        rule: "self.usage != 'Deny' || (!has(self.names) || size(self.names) == 0) && (!has(self.any) || !self.any)",
        message: "usage: Deny excludes names and any: remove them, or use Allow or Require",
        holds: (value) => value.usage !== "Deny" || ((value.names ?? []).length === 0 && value.any !== true),
      },
    ],
  );

const spec = () =>
  withRules(
    z.object({
      clientRef: clientRef().optional().describe("M2MClient that gets the scopes. Immutable."),
      allClients: z
        .literal(true)
        .optional()
        .describe(
          "Grants the scopes to every client of the tenant instead of one client (clientRef), including clients without a resource. Only for an OAuthApi in this namespace. Okta only. Immutable.",
        ),
      apiRef: apiRef().optional().describe("OAuthApi that defines the scopes. Immutable."),
      externalAudience: z
        .string()
        .min(1)
        .max(600)
        .regex(/^[^\s]+$/)
        .optional()
        .describe(
          "Audience of an API without an OAuthApi, instead of apiRef, for example the tenant's Management API. The provider's spec.allow[].externalAudiences must list it and the scopes for this namespace. Immutable.",
        ),
      scopes: textSet(scopeName(), 1000).optional().describe("Scopes to grant."),
      allScopes: z
        .literal(true)
        .optional()
        .describe("Grants every scope of the API that its owner allows this namespace, instead of scopes."),
      organizations: organizations()
        .optional()
        .describe(
          "Organizations that tokens of this grant are bound to. Auth0 only. If unset, the operator does not manage this field.",
        ),
      tokenLifetime: duration("1m", "24h")
        .optional()
        .describe(
          "Lifetime of access tokens of this client for this API. Not at Auth0. At Keycloak, the smallest lifetime of all grants of a client applies to all its tokens. Default: tokens.lifetime of the OAuthApi. If that is unset too, 1h at Okta, and not managed at Keycloak.",
        ),
      secret: z
        .object({ name: publishedName().describe("Name of the Secret.") })
        .optional()
        .describe("Further Secret that the operator publishes, for this API alone."),
    }),
    [
      {
        rule: "has(self.clientRef) != has(self.allClients)",
        message: "set either clientRef or allClients: true",
        holds: (value) => (value.clientRef !== undefined) !== (value.allClients !== undefined),
      },
      {
        rule: "has(self.clientRef) == has(oldSelf.clientRef)",
        message: "clientRef and allClients are immutable: delete this resource and create it again",
      },
      {
        rule: "!has(self.allClients) || (has(self.apiRef) && !has(self.apiRef.namespace))",
        message: "allClients needs apiRef without namespace: only the API's own namespace may open it to every client",
        holds: ({ allClients, apiRef: api }) =>
          allClients === undefined || (api !== undefined && api.namespace === undefined),
      },
      {
        rule: "!has(self.allClients) || !has(self.secret)",
        message: "allClients excludes secret: a Secret holds the credential of one client",
        holds: (value) => value.allClients === undefined || value.secret === undefined,
      },
      {
        rule: "has(self.apiRef) != has(self.externalAudience)",
        message: "set either apiRef or externalAudience",
        holds: (value) => (value.apiRef !== undefined) !== (value.externalAudience !== undefined),
      },
      {
        rule: "has(self.apiRef) == has(oldSelf.apiRef) && has(self.externalAudience) == has(oldSelf.externalAudience) && (!has(self.externalAudience) || self.externalAudience == oldSelf.externalAudience)",
        message: "apiRef and externalAudience are immutable: delete this resource and create it again",
      },
      {
        rule: "!has(self.externalAudience) || !has(self.allScopes)",
        message: "externalAudience needs scopes: allScopes needs an OAuthApi",
        holds: (value) => value.externalAudience === undefined || value.allScopes === undefined,
      },
      {
        rule: "has(self.scopes) != has(self.allScopes)",
        message: "set either scopes or allScopes: true",
        holds: (value) => (value.scopes !== undefined) !== (value.allScopes !== undefined),
      },
      {
        rule: "!has(self.scopes) || size(self.scopes) > 0",
        message: "scopes must name at least one scope",
        holds: (value) => value.scopes === undefined || value.scopes.length > 0,
      },
    ],
  );

const status = () =>
  z.object({
    ...statusBase(),
    proof: proof(),
    outputs: outputs(),
    providerRef: z
      .object({ kind: statusText(64), name: statusText(253) })
      .optional()
      .describe("Provider object of the client. A deletion uses it when the referenced resources no longer exist."),
    apiExternalId: statusText(1024).optional().describe("The provider's ID of the API."),
    clientExternalId: statusText(1024).optional().describe("The provider's ID of the client."),
    audience: statusText(600).optional().describe("Audience of the API."),
    grantedScopes: atomicList(statusText(280), 1000)
      .optional()
      .describe(
        "Scopes that this resource requested and got, as last read. They stay here while the operator restores a lost grant.",
      ),
    api: statusText(600)
      .optional()
      .describe("API of the grant: namespace/name of the OAuthApi, or the external audience."),
    granted: statusText(20).optional().describe("Number of requested scopes that are granted, for example 1/2."),
    token: z
      .object({
        issuer: statusText(1024).optional().describe("Issuer: claim iss."),
        audience: statusText(600).describe("Audience: claim aud."),
        scopes: z
          .array(statusText(280))
          .max(1000)
          .meta({ "x-kubernetes-list-type": "atomic" })
          .describe("Scopes of the token."),
        lifetime: statusText(20).optional().describe("Lifetime of the token."),
        signingAlgorithm: statusText(20).optional().describe("JWS algorithm of the signature."),
        organizations: z
          .array(statusText(255))
          .max(100)
          .meta({ "x-kubernetes-list-type": "atomic" })
          .optional()
          .describe("IDs of organizations that the token can be bound to."),
      })
      .optional()
      .describe(
        "Expected content of a token for this API, with the scopes of every ScopeGrant of the client for it. The condition Verified of the client says whether the operator obtained one.",
      ),
    origin: origin(),
    organizations: atomicList(z.object({ id: statusText(255), name: statusText(255) }), 100)
      .optional()
      .describe("Organizations that this resource names, with their IDs at the tenant."),
    unknownScopes: atomicList(statusText(280), 1000)
      .optional()
      .describe("Requested scopes that the API does not define."),
    refusedScopes: atomicList(statusText(280), 1000)
      .optional()
      .describe("Requested scopes that the API defines, but does not allow this namespace to request."),
  });

export const scopeGrantSchema = z.object({ spec: spec(), status: status().optional() });

export type ScopeGrantSpec = z.infer<ReturnType<typeof spec>>;
export type ScopeGrantStatus = z.infer<ReturnType<typeof status>>;
export type ScopeGrant = Resource<ScopeGrantSpec, ScopeGrantStatus>;
