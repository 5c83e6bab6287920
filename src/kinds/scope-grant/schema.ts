import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { duration } from "../schema/duration.ts";
import { namespaceName, objectName, publishedName, remoteId, scopeName } from "../schema/fields.ts";
import { atomicList, textSet, withRules } from "../schema/rules.ts";
import { origin, outputs, proof, statusBase, statusText } from "../schema/status.ts";

const clientRef = () =>
  withRules(z.object({ name: objectName().describe("The M2MClient, in this namespace.") }), [
    { rule: "self == oldSelf", message: "clientRef is immutable: delete this resource and create it anew" },
  ]);

const apiRef = () =>
  withRules(
    z.object({
      name: objectName().describe("The OAuthApi."),
      namespace: namespaceName()
        .optional()
        .describe("Default: this namespace. Another one only if that OAuthApi allows it."),
    }),
    [{ rule: "self == oldSelf", message: "apiRef is immutable: delete this resource and create it anew" }],
  );

const organizations = () =>
  withRules(
    z.object({
      usage: z
        .enum(["Deny", "Allow", "Require"])
        .describe("Whether tokens may or must be bound to an organization (Auth0). Deny: never."),
      any: z.boolean().optional().describe("Every organization of the tenant, whether it is named or not."),
      names: textSet(remoteId(), 100)
        .optional()
        .describe("Ids or names of exactly those that the grant is linked to. Absent: links are left alone."),
    }),
    [
      {
        rule: "self.usage != 'Deny' || (!has(self.names) || size(self.names) == 0) && (!has(self.any) || !self.any)",
        message: "usage Deny excludes names and any: nothing is bound to an organization then",
        holds: (value) => value.usage !== "Deny" || ((value.names ?? []).length === 0 && value.any !== true),
      },
    ],
  );

const spec = () =>
  withRules(
    z.object({
      clientRef: clientRef().optional().describe("Who gets the scopes. Immutable."),
      allClients: z
        .literal(true)
        .optional()
        .describe(
          "In place of clientRef: every client of the tenant, made by this operator or not (Okta). Only for an OAuthApi of this namespace. Immutable.",
        ),
      apiRef: apiRef().optional().describe("Whose scopes. Immutable."),
      externalAudience: z
        .string()
        .min(1)
        .max(600)
        .regex(/^[^\s]+$/)
        .optional()
        .describe(
          "In place of apiRef: audience of an API that has no OAuthApi, such as the tenant's own Management API. Only with the scopes that the provider's spec.allow[].externalAudiences lists for this namespace. Immutable.",
        ),
      scopes: textSet(scopeName(), 1000).optional().describe("The scopes granted."),
      allScopes: z
        .literal(true)
        .optional()
        .describe("Every scope the API has, or that its owner allows this namespace."),
      organizations: organizations().optional().describe("Organizations that tokens of this grant are bound to."),
      tokenLifetime: duration("1m", "24h")
        .optional()
        .describe(
          "Lifetime of tokens of this client for this API, where a grant decides on that (Okta). Default: the API's tokens.lifetime, else 1h.",
        ),
      secret: z
        .object({ name: publishedName().describe("Name of the Secret.") })
        .optional()
        .describe("One more Secret, for this API alone."),
    }),
    [
      {
        rule: "has(self.clientRef) != has(self.allClients)",
        message: "set either clientRef or allClients: true",
        holds: (value) => (value.clientRef !== undefined) !== (value.allClients !== undefined),
      },
      {
        rule: "has(self.clientRef) == has(oldSelf.clientRef)",
        message: "clientRef and allClients are immutable: delete this resource and create it anew",
      },
      {
        rule: "!has(self.allClients) || (has(self.apiRef) && !has(self.apiRef.namespace))",
        message: "allClients needs apiRef without namespace: only the API's own namespace may open it to every client",
        holds: ({ allClients, apiRef: api }) =>
          allClients === undefined || (api !== undefined && api.namespace === undefined),
      },
      {
        rule: "!has(self.allClients) || !has(self.secret)",
        message: "allClients excludes secret: there is no one client whose credential it could hold",
        holds: (value) => value.allClients === undefined || value.secret === undefined,
      },
      {
        rule: "has(self.apiRef) != has(self.externalAudience)",
        message: "set either apiRef or externalAudience",
        holds: (value) => (value.apiRef !== undefined) !== (value.externalAudience !== undefined),
      },
      {
        rule: "has(self.apiRef) == has(oldSelf.apiRef) && has(self.externalAudience) == has(oldSelf.externalAudience) && (!has(self.externalAudience) || self.externalAudience == oldSelf.externalAudience)",
        message: "apiRef and externalAudience are immutable: delete this resource and create it anew",
      },
      {
        rule: "!has(self.externalAudience) || !has(self.allScopes)",
        message: "externalAudience needs scopes: all scopes of an API that nobody here declares cannot be asked for",
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
      .describe("The client's provider, so that a deletion needs none of the references."),
    apiExternalId: statusText(1024).optional().describe("The provider's id of the API."),
    clientExternalId: statusText(1024).optional().describe("The provider's id of the client."),
    audience: statusText(600).optional().describe("The API's audience."),
    grantedScopes: atomicList(statusText(280), 1000)
      .optional()
      .describe("What this resource asked for and got, as last seen; kept while a lost grant is being restored."),
    api: statusText(600).optional().describe("namespace/name of the OAuthApi, or the external audience."),
    granted: statusText(20).optional().describe("How many of the requested scopes are granted, such as 1/2."),
    token: z
      .object({
        issuer: statusText(1024).optional().describe("Claim iss."),
        audience: statusText(600).describe("Claim aud."),
        scopes: z.array(statusText(280)).max(1000).meta({ "x-kubernetes-list-type": "atomic" }),
        lifetime: statusText(20).optional().describe("Time until it expires."),
        signingAlgorithm: statusText(20).optional().describe("JWS algorithm."),
        organizations: z
          .array(statusText(255))
          .max(100)
          .meta({ "x-kubernetes-list-type": "atomic" })
          .optional()
          .describe("IDs of organizations that it can be bound to."),
      })
      .optional()
      .describe(
        "What a token for this API is expected to hold, with the scopes of all ScopeGrants of the client for it. The client's condition Verified says whether one was obtained.",
      ),
    origin: origin(),
    organizations: atomicList(z.object({ id: statusText(255), name: statusText(255) }), 100)
      .optional()
      .describe("Organizations that this resource named, as the tenant knows them."),
    unknownScopes: atomicList(statusText(280), 1000)
      .optional()
      .describe("Requested scopes that the API does not define."),
    refusedScopes: atomicList(statusText(280), 1000)
      .optional()
      .describe("Requested scopes that the API defines and does not allow this namespace to request."),
  });

export const scopeGrantSchema = z.object({ spec: spec(), status: status().optional() });

export type ScopeGrantSpec = z.infer<ReturnType<typeof spec>>;
export type ScopeGrantStatus = z.infer<ReturnType<typeof status>>;
export type ScopeGrant = Resource<ScopeGrantSpec, ScopeGrantStatus>;
