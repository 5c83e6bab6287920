import { z } from "zod";
import { MAX_REQUEST_LENGTH } from "./annotations.ts";
import { atomicList, mapList } from "./rules.ts";

const text = (max: number) => z.string().max(max);
const time = () => z.string().max(40).meta({ format: "date-time" });

const condition = () =>
  z.object({
    type: text(316).describe("Type of the condition."),
    status: z.enum(["True", "False", "Unknown"]).describe("Status of the condition."),
    reason: text(1024).describe("Machine-readable reason. docs/reference/conditions.md lists all of them."),
    message: text(32768).describe("Human-readable explanation: what is wrong, and what to do."),
    lastTransitionTime: time().describe("When the status of the condition last changed."),
    observedGeneration: z.int().min(0).optional().describe("Generation of the resource that the condition is about."),
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
    .describe(
      "Generation of the resource that this status is about. -1 until the operator has reconciled the resource.",
    ),
  conditions: mapList(condition(), "type", 16)
    .optional()
    .describe("Conditions. Ready is always present. Reconciling and Stalled are present only while they are True."),
  tenant: text(255).optional().describe("Tenant that holds the remote object. It never changes."),
  externalId: text(1024).optional().describe("The provider's ID of the remote object."),
  lastCheckedAt: time()
    .optional()
    .describe(
      "When the provider state shown here was first read. It changes only together with the rest of this status. status.oldestReadAt of the provider object says when the operator last confirmed it.",
    ),
  lastHandledReconcileAt: text(MAX_REQUEST_LENGTH)
    .optional()
    .describe("Last value of the annotation m2m-operator.io/reconcile-requested-at that the operator acted on."),
});

/** Which provider object a resource uses, with defaults filled in. */
export const usedProvider = () =>
  text(320)
    .optional()
    .describe(
      "Kind and name of the provider object that this resource uses, for example ClusterIdentityProvider/default.",
    );

/** See `ownership/status-proof.ts`. */
export const proof = () =>
  text(128)
    .optional()
    .describe("Keyed digest of this status, without conditions and times. The operator ignores a status without it.");

/** The write-ahead note of a create. */
export const pendingCreate = () =>
  z
    .object({
      key: text(1024).describe("Identity of the object to create, for example its audience."),
      nonce: text(64).describe("Random text that identifies this attempt."),
      at: time().describe("When the attempt started."),
    })
    .optional()
    .describe("Create request whose outcome the operator does not know.");

export const origin = () =>
  z
    .enum(["Made", "Adopted"])
    .optional()
    .describe("Made: this resource created the remote object. Adopted: the object existed before.");

/** What the operator does only after somebody confirms it, so that tools need not search messages for it. */
export const pendingConfirmations = () =>
  atomicList(
    z.object({
      annotation: text(316).describe("Annotation to set on this resource."),
      value: text(63).describe("Value of the annotation. It stands for exactly what is confirmed."),
      message: text(32768).describe("What the operator then deletes, and how to keep it."),
    }),
    16,
  )
    .optional()
    .describe("Deletions that wait for a confirmation. Unset if none does.");

export const outputs = () =>
  z
    .array(
      z.object({
        kind: z.enum(["Secret", "ConfigMap"]),
        name: text(253),
        uid: text(64),
        resourceVersion: text(64),
        renderedFrom: text(128).describe(
          "Digest of the values that it was rendered from. A version stands for the credential.",
        ),
        credentials: text(128).optional().describe("Version of the state Secret that holds its credential."),
        formerSince: time()
          .optional()
          .describe("When the spec changed to another name. The operator deletes this object once no Pod uses it."),
      }),
    )
    .max(16)
    .meta({ "x-kubernetes-list-type": "atomic" })
    .optional()
    .describe("Secrets and ConfigMaps that the operator published, as it last wrote them.");

/** The members of RFC 8414 that workloads need. */
export const endpoints = () => ({
  issuer: text(2048).optional().describe("Issuer: claim iss of tokens."),
  wellKnownUrl: text(2048).optional().describe("URL of the authorization server metadata (RFC 8414)."),
  tokenEndpoint: text(2048).optional().describe("URL of the token endpoint."),
  jwksUri: text(2048).optional().describe("URL of the public keys that verify tokens (RFC 7517)."),
  clientAssertionAudience: text(2048)
    .optional()
    .describe("Audience of client assertions for the token endpoint: claim aud (RFC 7523)."),
});

export { text as statusText, time as statusTime };
