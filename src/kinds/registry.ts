import type { z } from "zod";
import { changePreviewSchema } from "./change-preview/schema.ts";
import { clusterIdentityProviderSchema, identityProviderSchema } from "./identity-provider/schema.ts";
import { m2mClientRules, m2mClientSchema } from "./m2m-client/schema.ts";
import { oAuthApiSchema } from "./oauth-api/schema.ts";
import type { Rule } from "./schema/rules.ts";
import { scopeGrantSchema } from "./scope-grant/schema.ts";

export const GROUP = "m2m-operator.io";
export const VERSION = "v1alpha1";

/** A column of `kubectl get`. Ready, Reason, Age and, with `-o wide`, Message are added to every kind. */
export interface PrinterColumn {
  readonly name: string;
  readonly jsonPath: string;
  /** `date` shows how long ago a time was. Default: `string`. */
  readonly type?: "string" | "date" | "integer" | "boolean";
  /** 1 shows it with `-o wide` only. */
  readonly priority?: 1;
}

export interface KindDefinition {
  readonly kind: KindName | "ChangePreview";
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly scope: "Namespaced" | "Cluster";
  readonly description: string;
  readonly columns: readonly PrinterColumn[];
  readonly schema: z.ZodObject;
  /** Longest allowed metadata.name, where what is derived from it must fit a limit. */
  readonly maxNameLength?: number;
  /** Rules that need the resource's own name. */
  readonly rules?: readonly Rule<never>[];
}

export type KindName = "ClusterIdentityProvider" | "IdentityProvider" | "OAuthApi" | "M2MClient" | "ScopeGrant";

/** A kind that the operator reconciles. */
export type ReconciledKind = KindDefinition & { readonly kind: KindName };

const PROVIDER_COLUMNS: readonly PrinterColumn[] = [
  { name: "Vendor", jsonPath: ".status.vendor" },
  { name: "Tenant", jsonPath: ".status.tenant" },
  { name: "Policy", jsonPath: ".status.managementPolicy" },
  { name: "Read", jsonPath: ".status.oldestReadAt", type: "date", priority: 1 },
];

/** Every kind, in the order in which people meet them. */
export const KINDS: readonly ReconciledKind[] = [
  {
    kind: "ClusterIdentityProvider",
    plural: "clusteridentityproviders",
    shortNames: ["cidp"],
    scope: "Cluster",
    description: "A tenant of an identity provider, for the namespaces that it allows.",
    columns: PROVIDER_COLUMNS,
    schema: clusterIdentityProviderSchema,
  },
  {
    kind: "IdentityProvider",
    plural: "identityproviders",
    shortNames: ["idp"],
    scope: "Namespaced",
    description: "A tenant of an identity provider, for its own namespace.",
    columns: PROVIDER_COLUMNS,
    schema: identityProviderSchema,
  },
  {
    kind: "OAuthApi",
    plural: "oauthapis",
    shortNames: ["oapi"],
    scope: "Namespaced",
    description: "An API that access tokens protect: its audience, scopes and token format.",
    columns: [
      { name: "Audience", jsonPath: ".spec.audience" },
      { name: "Grants", jsonPath: ".status.grantCount", type: "integer" },
      { name: "Lifetime", jsonPath: ".status.tokenLifetime" },
      { name: "Provider", jsonPath: ".status.provider", priority: 1 },
      { name: "Tenant", jsonPath: ".status.tenant", priority: 1 },
    ],
    schema: oAuthApiSchema,
  },
  {
    kind: "M2MClient",
    plural: "m2mclients",
    shortNames: ["m2mc"],
    scope: "Namespaced",
    description:
      "A client that authenticates as itself (OAuth 2.0 client credentials), and the Secret for its workload.",
    columns: [
      { name: "Provider", jsonPath: ".status.provider" },
      { name: "Method", jsonPath: ".status.authenticationMethod" },
      { name: "Grants", jsonPath: ".status.grantCount", type: "integer" },
      { name: "Credential", jsonPath: `.status.credentials[?(@.state=="Current")].createdAt`, type: "date" },
      { name: "Rotation", jsonPath: ".status.rotation" },
      { name: "Enabled", jsonPath: ".status.enabled", type: "boolean", priority: 1 },
      { name: "Verified", jsonPath: `.status.conditions[?(@.type=="Verified")].status`, priority: 1 },
      { name: "Next", jsonPath: ".status.nextRotationAt", priority: 1 },
      { name: "Client-Id", jsonPath: ".status.clientId", priority: 1 },
      { name: "Secret", jsonPath: ".status.binding.name", priority: 1 },
      { name: "Tenant", jsonPath: ".status.tenant", priority: 1 },
    ],
    schema: m2mClientSchema,
    maxNameLength: 240,
    rules: m2mClientRules,
  },
  {
    kind: "ScopeGrant",
    plural: "scopegrants",
    shortNames: ["sgrant"],
    scope: "Namespaced",
    description: "Scopes of an API that a client may request.",
    columns: [
      { name: "Client", jsonPath: ".spec.clientRef.name" },
      { name: "Api", jsonPath: ".status.api" },
      { name: "Granted", jsonPath: ".status.granted" },
      { name: "Audience", jsonPath: ".status.audience", priority: 1 },
      { name: "Scopes", jsonPath: ".status.grantedScopes", priority: 1 },
    ],
    schema: scopeGrantSchema,
  },
];

/** A question to the operator, which lives for minutes. It is none of the kinds that are reconciled. */
export const CHANGE_PREVIEW: KindDefinition = {
  kind: "ChangePreview",
  plural: "changepreviews",
  shortNames: ["cpreview"],
  scope: "Namespaced",
  description: "A preview of what the operator would do if somebody applied a change.",
  columns: [
    { name: "Outcome", jsonPath: ".status.outcome" },
    { name: "Finished", jsonPath: ".status.finishedAt", type: "date" },
  ],
  schema: changePreviewSchema,
};

/** Everything that the API server must know. */
export const CUSTOM_RESOURCES: readonly KindDefinition[] = [...KINDS, CHANGE_PREVIEW];
