import { z } from "zod";
import type { RateLimit } from "../../ports/provider-factory.ts";
import type { Resource } from "../../ports/resource.ts";
import { PROVIDERS } from "../../providers/by-name.ts";
import * as registry from "../../providers/registry.ts";
import { duration } from "../schema/duration.ts";
import { namespaceRule, objectName, scopeName } from "../schema/fields.ts";
import { atomicList, textSet, withRules } from "../schema/rules.ts";
import { exactlyOneOf, listOf, sameOf } from "../schema/variants.ts";
import { statusBase, statusText, statusTime } from "../schema/status.ts";

/** Names of the spec's variants, one per vendor; exactly one is set. */
export const PROVIDER_VARIANTS = Object.keys(registry) as readonly (keyof Registry)[];

type Registry = typeof registry;
type VariantFields = { [Name in keyof Registry]: z.ZodOptional<Registry[Name]["variant"]> };

const declared = Object.entries(PROVIDERS);
const variantFields = (): VariantFields =>
  Object.fromEntries(declared.map(([name, { variant }]) => [name, variant.optional()])) as unknown as VariantFields;

const credentialKeys = (): string =>
  declared.map(([, { label, texts }]) => `${label}: ${texts.credentials}`).join("; ");
const defaultsOf = (limit: keyof RateLimit): string =>
  declared.map(([, { label, texts }]) => `${texts[limit]} (${label})`).join("; ");

const rateLimit = () =>
  z.object({
    requestsPerMinute: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe(`Sustained rate of the tenant's plan. Default: ${defaultsOf("requestsPerMinute")}.`),
    burst: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(`Requests the plan allows at once. Default: ${defaultsOf("burst")}.`),
    sharePercent: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe(
        `Share of the rate that the operator may use; the rest is people's. Default: ${defaultsOf("sharePercent")}.`,
      ),
  });

const verification = () =>
  z.object({
    policy: z
      .enum(["OncePerChange", "Never"])
      .optional()
      .describe(
        "Whether a token is asked for once per changed credential, to see that it works. Default: OncePerChange.",
      ),
    maxPerHour: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        "Maximum number of tokens an hour, since they cost quota. One namespace may use half of what the others leave. Default: 60.",
      ),
  });

const audiencePatterns = () =>
  atomicList(z.string().min(1).max(600), 100)
    .optional()
    .describe(
      "Audiences that an OAuthApi there may claim; * stands for any characters; in the host of a URL it does not reach beyond the host. Absent: any.",
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
      'Ids or names of organizations that a ScopeGrant or an M2MClient there may name; "*" alone stands for every one, which organizations.any needs. Absent: any.',
    );

const externalAudiences = () =>
  atomicList(
    z.object({
      audience: z.string().min(1).max(600).describe("Exactly this audience."),
      scopes: textSet(scopeName(), 1000).describe("The scopes that may be granted."),
    }),
    50,
  )
    .optional()
    .describe(
      "APIs without an OAuthApi, such as the tenant's own Management API, that a ScopeGrant there may name, with the scopes it may have.",
    );

const adopt = () =>
  z
    .object({
      clients: textSet(z.string().min(1).max(255), 1000).optional().describe("Client ids."),
      audiences: atomicList(z.string().min(1).max(600), 100)
        .optional()
        .describe("Audiences; * stands for any characters, as in audiences."),
      shareCredential: z
        .boolean()
        .optional()
        .describe(
          "Whether the credential of an adopted client, which others may use, is published. Default: false; then one of its own is added, or made on request where a client has one secret only.",
        ),
    })
    .optional()
    .describe("What resources there may take over that this operator did not make. Absent: nothing.");

const common = () => ({
  ...variantFields(),
  credentialsSecretRef: z
    .object({ name: objectName().describe("Name of the Secret.") })
    .describe(
      `Secret with the operator's own credential at the tenant (${credentialKeys()}). Of a ClusterIdentityProvider in the operator's namespace, else in its own.`,
    ),
  caBundle: z.string().max(65_536).optional().describe("PEM certificates added to the system's roots."),
  rateLimit: rateLimit().optional().describe("Limits of the tenant's plan."),
  driftInterval: duration("10s", "24h")
    .optional()
    .describe("How often the whole tenant is read again to find what was changed by hand. Default: 10m."),
  managementPolicy: z
    .enum(["Full", "ObserveOnly"])
    .optional()
    .describe(
      "ObserveOnly reads and reports: it writes nothing to the tenant and publishes nothing; deleting a resource leaves everything. Default: Full.",
    ),
  verification: verification().optional().describe("Whether published credentials are tried."),
});

const VARIANT_RULE = exactlyOneOf(PROVIDER_VARIANTS, `set exactly one provider: ${listOf(PROVIDER_VARIANTS)}`);

/** The same variant as before: what was made at one vendor cannot be kept at another. */
const SAME_VARIANT_RULE = sameOf(
  PROVIDER_VARIANTS,
  "the provider is immutable: another tenant is another provider object",
);

const clusterSpec = () =>
  withRules(
    z.object({
      ...common(),
      allow: atomicList(
        z.object({
          namespaces: namespaceRule().describe("Namespaces this consent is for."),
          audiences: audiencePatterns(),
          organizations: organizationNames(),
          externalAudiences: externalAudiences(),
          adopt: adopt(),
        }),
        100,
      )
        .optional()
        .describe("Consent of the tenant's owner: who may use this provider. Absent: nobody."),
    }),
    [VARIANT_RULE, SAME_VARIANT_RULE],
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
        .describe("What this namespace may claim at the tenant. Absent: everything."),
    }),
    [VARIANT_RULE, SAME_VARIANT_RULE],
  );

const status = () =>
  z.object({
    ...statusBase(),
    vendor: statusText(64).optional().describe("Vendor of the tenant: auth0 or okta."),
    managementPolicy: z.enum(["Full", "ObserveOnly"]).optional().describe("Policy in force."),
    oldestReadAt: statusTime()
      .optional()
      .describe(
        "Start of the oldest reading of the tenant that the operator relies on, true to within one drift interval (at least a minute). The status of every resource of this provider is known as of then.",
      ),
    missingPermissions: z
      .array(statusText(255))
      .max(100)
      .meta({ "x-kubernetes-list-type": "atomic" })
      .optional()
      .describe("Permissions at the tenant that the operator's credential lacks."),
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
