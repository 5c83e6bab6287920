import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { namespaceName, objectName, publishedName, scopeName } from "../schema/fields.ts";
import { atomicList, textSet, withRules } from "../schema/rules.ts";
import { outputs, statusBase, statusText } from "../schema/status.ts";

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

const spec = () =>
  withRules(
    z.object({
      clientRef: clientRef().describe("Who gets the scopes. Immutable."),
      apiRef: apiRef().describe("Whose scopes. Immutable."),
      scopes: textSet(scopeName(), 1000).optional().describe("The scopes granted."),
      allScopes: z
        .literal(true)
        .optional()
        .describe("Every scope the API has, or that its owner allows this namespace."),
      secret: z
        .object({ name: publishedName().describe("Name of the Secret.") })
        .optional()
        .describe("One more Secret, for this API alone."),
    }),
    [
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
    outputs: outputs(),
    providerRef: z
      .object({ kind: statusText(64), name: statusText(253) })
      .optional()
      .describe("The client's provider, so that a deletion needs none of the references."),
    clientExternalId: statusText(1024).optional().describe("The provider's id of the client."),
    audience: statusText(600).optional().describe("The API's audience."),
    grantedScopes: atomicList(statusText(280), 1000).optional().describe("What this resource asked for and got."),
    unknownScopes: atomicList(statusText(280), 1000).optional().describe("What the API does not have."),
  });

export const scopeGrantSchema = z.object({ spec: spec(), status: status().optional() });

export type ScopeGrantSpec = z.infer<ReturnType<typeof spec>>;
export type ScopeGrantStatus = z.infer<ReturnType<typeof status>>;
export type ScopeGrant = Resource<ScopeGrantSpec, ScopeGrantStatus>;
