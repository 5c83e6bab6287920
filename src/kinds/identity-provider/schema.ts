import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { duration } from "../schema/duration.ts";
import { namespaceRule, objectName } from "../schema/fields.ts";
import { atomicList, withRules } from "../schema/rules.ts";
import { statusBase, statusText, statusTime } from "../schema/status.ts";

/** Names of the spec's variants, one per vendor; exactly one is set. */
export const PROVIDER_VARIANTS = ["auth0"] as const;

const host = () =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:[0-9]{1,5})?$/);

const auth0 = () =>
  z.object({
    domain: withRules(host(), [
      { rule: "self == oldSelf", message: "domain is immutable: another tenant is another provider object" },
    ]).describe("The tenant's canonical domain, without https://, for example acme.eu.auth0.com. Immutable."),
    customDomain: host().optional().describe("Host of issuer and URLs given to workloads. Default: domain."),
  });

const rateLimit = () =>
  z.object({
    requestsPerMinute: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe("Sustained rate of the tenant's plan. Default: 120."),
    burst: z.int().min(1).max(10_000).optional().describe("Requests the plan allows at once. Default: 2."),
    sharePercent: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe("Share of the rate that the operator may use; the rest is people's. Default: 80."),
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
      .describe("At most so many tokens an hour, since they cost quota. Default: 60."),
  });

const audiencePatterns = () =>
  atomicList(z.string().min(1).max(600), 100)
    .optional()
    .describe(
      "Audiences that an OAuthApi there may claim; * stands for any characters; in the host of a URL it does not reach beyond the host. Absent: any.",
    );

const common = () => ({
  auth0: auth0().optional().describe("An Auth0 tenant."),
  credentialsSecretRef: z
    .object({ name: objectName().describe("Name of the Secret.") })
    .describe(
      "Secret with the operator's own credential at the tenant (Auth0: client_id, client_secret). Of a ClusterIdentityProvider in the operator's namespace, else in its own.",
    ),
  caBundle: z.string().max(65_536).optional().describe("PEM certificates added to the system's roots."),
  rateLimit: rateLimit().optional().describe("Limits of the tenant's plan."),
  driftInterval: duration("10s", "24h")
    .optional()
    .describe("How often the whole tenant is read again to find what was changed by hand. Default: 10m."),
  verification: verification().optional().describe("Whether published credentials are tried."),
});

const VARIANT_RULE = {
  rule: "[has(self.auth0)].exists_one(isSet, isSet)",
  message: "set exactly one provider: auth0",
};

const clusterSpec = () =>
  withRules(
    z.object({
      ...common(),
      allow: atomicList(
        z.object({
          namespaces: namespaceRule().describe("Namespaces this consent is for."),
          audiences: audiencePatterns(),
        }),
        100,
      )
        .optional()
        .describe("Consent of the tenant's owner: who may use this provider. Absent: nobody."),
    }),
    [{ ...VARIANT_RULE, holds: (spec) => spec.auth0 !== undefined }],
  );

const namespacedSpec = () =>
  withRules(
    z.object({
      ...common(),
      allow: atomicList(z.object({ audiences: audiencePatterns() }), 100)
        .optional()
        .describe("What this namespace may claim at the tenant. Absent: everything."),
    }),
    [{ ...VARIANT_RULE, holds: (spec) => spec.auth0 !== undefined }],
  );

const status = () =>
  z.object({
    ...statusBase(),
    oldestLookAt: statusTime()
      .optional()
      .describe("Start of the oldest reading of the tenant at the time of this status."),
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
