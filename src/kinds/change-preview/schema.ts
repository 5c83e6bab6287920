import { z } from "zod";
import type { Resource } from "../../ports/resource.ts";
import { objectName } from "../schema/fields.ts";
import { atomicList, withRules } from "../schema/rules.ts";
import { statusBase, statusText, statusTime } from "../schema/status.ts";

/** Kinds that a change may be about. */
export const PREVIEWED_KINDS = ["OAuthApi", "M2MClient", "ScopeGrant"] as const;

/** Bounds of a preview. */
export const MAX_MANIFESTS = 2500;
export const MAX_STEPS = 2000;
export const MAX_CHANGES = 100;
export const MAX_OBJECTS = 3000;
const MAX_MANIFEST_LENGTH = 65_536;
/** Characters of all manifests together: etcd takes 1.5 MiB of one object, and the result needs its part. */
export const MAX_MANIFESTS_LENGTH = 1_000_000;
const MAX_VALUE_LENGTH = 256;

const spec = () =>
  z.object({
    manifests: withRules(atomicList(z.string().min(2).max(MAX_MANIFEST_LENGTH), MAX_MANIFESTS), [
      {
        rule: `self.map(manifest, size(manifest)).sum() <= ${String(MAX_MANIFESTS_LENGTH)}`,
        message: `the manifests have more than ${MAX_MANIFESTS_LENGTH.toLocaleString("en-US")} characters together: preview fewer resources at once`,
        holds: (manifests) => manifests.reduce((sum, { length }) => sum + length, 0) <= MAX_MANIFESTS_LENGTH,
      },
    ])
      .optional()
      .describe(
        "Resources as they would be applied, each as a JSON text: OAuthApis, M2MClients and ScopeGrants of this namespace. kubectl m2m plan takes them from a server-side dry run.",
      ),
    delete: atomicList(
      z.object({
        kind: z.enum(PREVIEWED_KINDS).describe("Kind of the resource."),
        name: objectName().describe("Name of the resource."),
      }),
      MAX_MANIFESTS,
    )
      .optional()
      .describe("Resources of this namespace that would be deleted."),
  });

const change = () =>
  z.object({
    field: statusText(512).describe("Path of the field."),
    before: statusText(MAX_VALUE_LENGTH).optional().describe("Value before the step. Absent: none."),
    after: statusText(MAX_VALUE_LENGTH)
      .optional()
      .describe(
        "Value after the step. Absent: none. Values of Secrets are digests. What only the tenant can choose is (known after apply).",
      ),
  });

const step = () =>
  z.object({
    object: statusText(700).describe("Kind, namespace and name of the resource that the operator reconciles."),
    target: z
      .enum(["Tenant", "Secret", "ConfigMap", "Status", "Resource"])
      .describe("Whether the step is a request to the tenant, or what it writes in the cluster."),
    action: statusText(128).describe("What the operator would do, for example create client."),
    subject: statusText(700).optional().describe("What the step changes."),
    destructive: z.boolean().optional().describe("Whether the step deletes, revokes or narrows something."),
    changes: atomicList(change(), MAX_CHANGES).optional().describe("Fields that the step changes."),
  });

const object = () =>
  z.object({
    object: statusText(700).describe("Kind, namespace and name of the resource."),
    ready: z
      .enum(["True", "False", "Unknown"])
      .optional()
      .describe("Status of its condition Ready. Unset if the resource no longer exists."),
    reason: statusText(1024).optional().describe("Reason of its condition Ready."),
    message: statusText(1024).optional().describe("Message of its condition Ready."),
    refused: z.boolean().optional().describe("Whether a person must act before the operator can continue."),
  });

const { observedGeneration, conditions } = statusBase();

const status = () =>
  z.object({
    observedGeneration,
    conditions,
    outcome: z
      .enum(["NoChanges", "Changes", "Refused"])
      .optional()
      .describe("Refused: the operator would refuse at least one of the resources that the preview names."),
    finishedAt: statusTime()
      .optional()
      .describe("When the preview was finished. The operator deletes it ten minutes later."),
    steps: atomicList(step(), MAX_STEPS).optional().describe("What the operator would do, in order."),
    omittedSteps: z
      .int()
      .min(0)
      .optional()
      .describe("Number of further steps that are omitted because the status is full."),
    objects: atomicList(object(), MAX_OBJECTS)
      .optional()
      .describe(
        "Resources of this namespace that the change names or changes, in their final state. Those that would be refused come first.",
      ),
    omittedObjects: z
      .int()
      .min(0)
      .optional()
      .describe("Number of further resources that are omitted because the status is full."),
  });

export const changePreviewSchema = z.object({ spec: spec(), status: status().optional() });

export type ChangePreviewSpec = z.infer<ReturnType<typeof spec>>;
export type ChangePreviewStatus = z.infer<ReturnType<typeof status>>;
export type ChangePreview = Resource<ChangePreviewSpec, ChangePreviewStatus>;
export type PreviewStep = z.infer<ReturnType<typeof step>>;
