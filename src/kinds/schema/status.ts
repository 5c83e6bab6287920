import { z } from "zod";
import { MAX_REQUEST_LENGTH } from "./annotations.ts";
import { mapList } from "./rules.ts";

const text = (max: number) => z.string().max(max);
const time = () => z.string().max(40).meta({ format: "date-time" });

const condition = () =>
  z.object({
    type: text(316).describe("What the condition is about."),
    status: z.enum(["True", "False", "Unknown"]),
    reason: text(1024).describe("One word of the closed vocabulary; see docs/reference/conditions.md."),
    message: text(32768).describe("For people."),
    lastTransitionTime: time().describe("When status last changed."),
    observedGeneration: z.int().min(0).optional().describe("Generation that this was judged for."),
  });

/**
 * With this every resource is born: what follows kstatus (Flux, `kubectl` plugins, Helm) would take one without a status for
 * a finished one.
 */
export const UNOBSERVED = -1;

/** What every kind reports. */
export const statusBase = () => ({
  observedGeneration: z
    .int()
    .min(UNOBSERVED)
    .optional()
    .describe("Generation of the spec that this status is about; -1 until the operator has seen the resource."),
  conditions: mapList(condition(), "type", 16)
    .optional()
    .describe("Ready is always there; Reconciling or Stalled while true."),
  tenant: text(255).optional().describe("Tenant at which the remote object was made; pinned."),
  externalId: text(1024).optional().describe("The provider's own id of the remote object."),
  lastCheckedAt: time()
    .optional()
    .describe(
      "When the provider state shown here was read first. It moves only with the rest of this status. The provider object's status.oldestReadAt says as of when it is known to be unchanged.",
    ),
  lastHandledReconcileAt: text(MAX_REQUEST_LENGTH)
    .optional()
    .describe("Value of the annotation m2m-operator.io/reconcile-requested-at that was acted on last."),
});

/** Which provider object a resource uses, with defaults filled in. */
export const usedProvider = () =>
  text(320)
    .optional()
    .describe("Kind and name of the provider object that this resource uses, such as ClusterIdentityProvider/default.");

/** See `ownership/status-proof.ts`. */
export const proof = () =>
  text(128)
    .optional()
    .describe("Keyed digest of this status, without conditions and times. The operator ignores a status without it.");

/** The write-ahead note of a create. */
export const pendingCreate = () =>
  z
    .object({
      key: text(1024).describe("Natural key of what is being created."),
      nonce: text(64).describe("Names this attempt."),
      at: time().describe("When it was begun."),
    })
    .optional()
    .describe("A create whose outcome is not known yet.");

export const origin = () =>
  z
    .enum(["Made", "Adopted"])
    .optional()
    .describe("Whether this resource made the remote object or took over one that was there.");

export const outputs = () =>
  z
    .array(
      z.object({
        kind: z.enum(["Secret", "ConfigMap"]),
        name: text(253),
        uid: text(64),
        resourceVersion: text(64),
        renderedFrom: text(128).describe(
          "Digest of what it was rendered from, the credential represented by a version.",
        ),
        credentials: text(128).optional().describe("Version of the state Secret that its credential came from."),
        formerSince: time()
          .optional()
          .describe("Since when the spec names another object; this one is deleted once no Pod uses it."),
      }),
    )
    .max(16)
    .meta({ "x-kubernetes-list-type": "atomic" })
    .optional()
    .describe("What was published, as it was written last.");

/** The members of RFC 8414 that workloads need. */
export const endpoints = () => ({
  issuer: text(2048).optional().describe("Value of iss in tokens."),
  wellKnownUrl: text(2048).optional().describe("Authorization server metadata (RFC 8414)."),
  tokenEndpoint: text(2048).optional().describe("Where tokens are asked for."),
  jwksUri: text(2048).optional().describe("Public keys that verify tokens (RFC 7517)."),
  clientAssertionAudience: text(2048)
    .optional()
    .describe("Value of aud in client assertions for the token endpoint (RFC 7523)."),
});

export { text as statusText, time as statusTime };
