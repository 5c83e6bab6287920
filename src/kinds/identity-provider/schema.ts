import { z } from "zod";
import type { RateLimit } from "../../ports/provider-factory.ts";
import type { Resource } from "../../ports/resource.ts";
import { PROVIDERS } from "../../providers/by-name.ts";
import * as registry from "../../providers/registry.ts";
import { duration } from "../schema/duration.ts";
import { listedScopeName, namespaceRule, objectName } from "../schema/fields.ts";
import { atomicList, type Rule, textSet, withRules } from "../schema/rules.ts";
import { exactlyOneOf, listOf, sameOf } from "../schema/variants.ts";
import { pendingConfirmations, statusBase, statusText, statusTime } from "../schema/status.ts";

/** Names of the spec's variants, one per vendor; exactly one is set. */
export const PROVIDER_VARIANTS = Object.keys(registry) as readonly (keyof Registry)[];

type Registry = typeof registry;
type VariantFields = { [Name in keyof Registry]: z.ZodOptional<Registry[Name]["variant"]> };

const declared = Object.entries(PROVIDERS);

/** What people call a vendor. */
export const vendorLabelOf = (vendor: string): string => PROVIDERS[vendor]?.label ?? vendor;

/** Keys of the credentials Secret, for messages. */
export const credentialKeysOf = (vendor: string): string => PROVIDERS[vendor]?.texts.credentials ?? "its keys";

const variantFields = (): VariantFields =>
  Object.fromEntries(declared.map(([name, { variant }]) => [name, variant.optional()])) as unknown as VariantFields;

const credentialKeys = (): string =>
  declared.map(([, { label, texts }]) => `${label}: ${texts.credentials}`).join(". ");
const defaultsOf = (limit: keyof RateLimit): string =>
  declared.map(([, { label, texts }]) => `${texts[limit]} (${label})`).join(", ");

const secretless = declared.filter(([, { takesServiceAccountToken }]) => takesServiceAccountToken === true);
const SECRETLESS = secretless.map(([name]) => name) as readonly (keyof Registry)[];
const SECRETLESS_LABELS = listOf(secretless.map(([, { label }]) => label));

const rateLimit = () =>
  z.object({
    requestsPerMinute: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe(`Request rate of the tenant's plan, per minute. Default: ${defaultsOf("requestsPerMinute")}.`),
    burst: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(`Number of requests that the plan allows at once. Default: ${defaultsOf("burst")}.`),
    sharePercent: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe(
        `Percentage of the rate that the operator uses. It leaves the rest to people and other programs. Default: ${defaultsOf("sharePercent")}.`,
      ),
  });

const verification = () =>
  z.object({
    policy: z
      .enum(["OncePerChange", "Never"])
      .optional()
      .describe(
        "OncePerChange: the operator requests one token with every changed credential, and checks it. Never: it requests none. Default: OncePerChange.",
      ),
    maxPerHour: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        "Maximum number of tokens that the operator requests per hour, since tokens cost quota. One namespace may use half of what the others leave. Default: 60.",
      ),
  });

const audiencePatterns = () =>
  atomicList(z.string().min(1).max(600), 100)
    .optional()
    .describe(
      "Audiences that an OAuthApi may claim under this rule. * matches any characters. In the host of a URL, it does not match beyond the host. If unset, every audience.",
    );

const organizationNames = () =>
  atomicList(
    z
      .string()
      .min(1)
      .max(255)
      .regex(/^(\*|[^*\p{Cc}]+)$/u),
    1000,
  )
    .optional()
    .describe(
      'IDs or names of organizations that a ScopeGrant or an M2MClient may name under this rule. "*" alone matches every organization. organizations.any needs it. If unset, every organization.',
    );

const externalAudiences = () =>
  atomicList(
    z.object({
      audience: z.string().min(1).max(600).describe("Audience of the API. It must match exactly."),
      scopes: textSet(listedScopeName(), 1000).describe("Scopes that may be granted."),
    }),
    50,
  )
    .optional()
    .describe(
      "APIs without an OAuthApi that a ScopeGrant may name under this rule, for example the tenant's Management API. If unset, none.",
    );

const adopt = () =>
  z
    .object({
      clients: textSet(z.string().min(1).max(255), 1000)
        .optional()
        .describe("Client IDs of clients that an M2MClient may adopt."),
      audiences: atomicList(z.string().min(1).max(600), 100)
        .optional()
        .describe("Audiences of APIs that an OAuthApi may adopt. * matches any characters, as in audiences."),
      shareCredential: z
        .boolean()
        .optional()
        .describe(
          "Whether to publish the existing credential of an adopted client, which others may use. If false, the operator adds a credential of its own. Where a client has only one secret, a requested rotation creates it. Default: false.",
        ),
    })
    .optional()
    .describe("Objects at the tenant that resources may adopt under this rule. If unset, none.");

const common = () => ({
  ...variantFields(),
  credentialsSecretRef: z
    .object({ name: objectName().describe("Name of the Secret.") })
    .optional()
    .describe(
      `Secret with the operator's own credential at the tenant. ${credentialKeys()}. The Secret of a ClusterIdentityProvider is in the operator's namespace. The Secret of an IdentityProvider is in its own namespace. A ClusterIdentityProvider for ${SECRETLESS_LABELS} does not need it: the operator then authenticates with the token of its own service account (--service-account-tokens).`,
    ),
  caBundle: z
    .string()
    .max(65_536)
    .optional()
    .describe(
      "Certificates of further certificate authorities, in PEM. The operator trusts them beside those of the system.",
    ),
  rateLimit: rateLimit().optional().describe("Rate limits of the tenant's plan."),
  driftInterval: duration("10s", "24h")
    .optional()
    .describe("Interval at which the operator reads the tenant again to detect drift. Default: 10m."),
  managementPolicy: z
    .enum(["Full", "ObserveOnly"])
    .optional()
    .describe(
      "ObserveOnly: the operator only reads and reports. It writes nothing to the tenant, publishes nothing, and keeps everything when a resource is deleted. Default: Full.",
    ),
  verification: verification().optional().describe("Verification of published credentials."),
});

type CommonSpec = z.output<z.ZodObject<ReturnType<typeof common>>>;

const VARIANT_RULE = exactlyOneOf(PROVIDER_VARIANTS, `set exactly one provider: ${listOf(PROVIDER_VARIANTS)}`);

/** A provider object keeps its vendor: objects created at one vendor cannot move to another. */
const SAME_VARIANT_RULE = sameOf(
  PROVIDER_VARIANTS,
  `the vendor (${PROVIDER_VARIANTS.join(", ")}) is immutable: create another provider object for another tenant`,
);

/** The operator's own service account belongs to the platform team, and only some tenants take its token. */
const CLUSTER_SECRET_RULE: Rule<CommonSpec> = {
  rule: ["credentialsSecretRef", ...SECRETLESS].map((name) => `has(self.${name})`).join(" || "),
  message: `credentialsSecretRef is required: only ${listOf(SECRETLESS)} accepts the token of the operator's own service account instead`,
  holds: (spec) => spec.credentialsSecretRef !== undefined || SECRETLESS.some((name) => spec[name] !== undefined),
};

const OWN_SECRET_RULE: Rule<CommonSpec> = {
  rule: "has(self.credentialsSecretRef)",
  message:
    "credentialsSecretRef is required: only a ClusterIdentityProvider may authenticate with the token of the operator's own service account",
  holds: ({ credentialsSecretRef }) => credentialsSecretRef !== undefined,
};

const clusterSpec = () =>
  withRules(
    z.object({
      ...common(),
      allow: atomicList(
        z.object({
          namespaces: namespaceRule().describe("Namespaces that this rule applies to."),
          audiences: audiencePatterns(),
          organizations: organizationNames(),
          externalAudiences: externalAudiences(),
          adopt: adopt(),
        }),
        100,
      )
        .optional()
        .describe(
          "Consent of the tenant's owner: namespaces that may use this provider, and for what. If unset, none.",
        ),
    }),
    [VARIANT_RULE, SAME_VARIANT_RULE, CLUSTER_SECRET_RULE],
  );

const namespacedSpec = () =>
  withRules(
    z.object({
      ...common(),
      allow: atomicList(
        z.object({
          audiences: audiencePatterns(),
          organizations: organizationNames(),
          externalAudiences: externalAudiences(),
          adopt: adopt(),
        }),
        100,
      )
        .optional()
        .describe(
          "What this namespace may claim at the tenant. If unset, every audience and organization, but no adoption and no external audience.",
        ),
    }),
    [VARIANT_RULE, SAME_VARIANT_RULE, OWN_SECRET_RULE],
  );

const status = () =>
  z.object({
    ...statusBase(),
    pendingConfirmations: pendingConfirmations(),
    vendor: statusText(64)
      .optional()
      .describe(`Vendor of the tenant: ${listOf(PROVIDER_VARIANTS)}.`),
    managementPolicy: z.enum(["Full", "ObserveOnly"]).optional().describe("Management policy in force."),
    oldestReadAt: statusTime()
      .optional()
      .describe(
        "Time of the oldest read of the tenant that the operator still relies on. Accurate to one driftInterval (at least a minute). It tells how recent the status of every resource of this provider is.",
      ),
    missingPermissions: z
      .array(statusText(255))
      .max(100)
      .meta({ "x-kubernetes-list-type": "atomic" })
      .optional()
      .describe("Permissions that the operator's credential lacks at the tenant."),
    excessPermissions: z
      .array(statusText(255))
      .max(100)
      .meta({ "x-kubernetes-list-type": "atomic" })
      .optional()
      .describe(
        "Permissions of the operator's credential at the tenant that no feature of the operator needs. At most 100. Unset if the provider does not show them.",
      ),
  });

export const clusterIdentityProviderSchema = z.object({ spec: clusterSpec(), status: status().optional() });
export const identityProviderSchema = z.object({ spec: namespacedSpec(), status: status().optional() });

type ClusterSpec = z.infer<ReturnType<typeof clusterSpec>>;
type NamespacedSpec = z.infer<ReturnType<typeof namespacedSpec>>;

/** Of either kind: rules of a namespaced provider name no namespaces. */
export type ProviderSpec = Omit<ClusterSpec, "allow"> & {
  readonly allow?:
    readonly (NonNullable<ClusterSpec["allow"]>[number] | NonNullable<NamespacedSpec["allow"]>[number])[] | undefined;
};
export type ProviderStatus = z.infer<ReturnType<typeof status>>;
export type ClusterIdentityProvider = Resource<ProviderSpec, ProviderStatus>;
export type IdentityProvider = Resource<ProviderSpec, ProviderStatus>;

/** A provider object of either kind. */
export type ProviderResource = ClusterIdentityProvider | IdentityProvider;
