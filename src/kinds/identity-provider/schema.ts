import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { duration } from "../schema/duration.ts";
import { namespaceRule, objectName, scopeName } from "../schema/fields.ts";
import { atomicList, textSet, withRules } from "../schema/rules.ts";
import { statusBase, statusText, statusTime } from "../schema/status.ts";

/** Names of the spec's variants, one per vendor; exactly one is set. */
export const PROVIDER_VARIANTS = ["auth0", "okta"] as const;

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

const okta = () =>
  z.object({
    orgUrl: withRules(
      z
        .string()
        .min(1)
        .max(300)
        .regex(/^https:\/\/[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:[0-9]{1,5})?$/),
      [{ rule: "self == oldSelf", message: "orgUrl is immutable: another org is another provider object" }],
    ).describe("The org's own URL, without a slash at the end, for example https://acme.okta.com. Immutable."),
    customDomain: host()
      .optional()
      .describe(
        "Host of the URLs given to workloads, where the org has a custom one. Default: that of orgUrl, or what an authorization server's issuer says.",
      ),
  });

const rateLimit = () =>
  z.object({
    requestsPerMinute: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe(
        "Sustained rate of the tenant's plan (Okta: of the /api/v1 limit, the others in proportion). Default: 120 (Okta: what the org says in its answers).",
      ),
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
          "Whether the credential of an adopted client, which others may use, is published. Default: false; then one of its own is added, or made on request where a client has one secret only (Auth0).",
        ),
    })
    .optional()
    .describe("What resources there may take over that this operator did not make. Absent: nothing.");

const common = () => ({
  auth0: auth0().optional().describe("An Auth0 tenant."),
  okta: okta().optional().describe("An Okta org."),
  credentialsSecretRef: z
    .object({ name: objectName().describe("Name of the Secret.") })
    .describe(
      "Secret with the operator's own credential at the tenant (Auth0: client_id and client_secret, or private_key with key_id and algorithm; Okta: api_token, or client_id, private_key and key_id). Of a ClusterIdentityProvider in the operator's namespace, else in its own.",
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

const VARIANT_RULE = {
  rule: "has(self.auth0) != has(self.okta)",
  message: "set exactly one provider: auth0 or okta",
  holds: (spec: { readonly auth0?: unknown; readonly okta?: unknown }) =>
    (spec.auth0 === undefined) !== (spec.okta === undefined),
};

/** The same variant as before: what was made at one vendor cannot be kept at another. */
const SAME_VARIANT_RULE = {
  rule: "has(self.auth0) == has(oldSelf.auth0)",
  message: "the provider is immutable: another tenant is another provider object",
};

const clusterSpec = () =>
  withRules(
    z.object({
      ...common(),
      allow: atomicList(
        z.object({
          namespaces: namespaceRule().describe("Namespaces this consent is for."),
          audiences: audiencePatterns(),
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
        z.object({ audiences: audiencePatterns(), externalAudiences: externalAudiences(), adopt: adopt() }),
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
    oldestReadAt: statusTime()
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
