import { fieldChanges, type FieldChange, shownText } from "../../preview/field-changes.ts";
import type { Step, StepOwner } from "../../preview/steps.ts";
import { KNOWN_AFTER_APPLY } from "../../preview/tenant/placeholders.ts";
import type { ServedObject, ServedWrite } from "./api-server.ts";

/** Fields of a status that change with every pass over the object, and say nothing of what was done. */
const BOOKKEEPING = new Set([
  "lastCheckedAt",
  "lastTransitionTime",
  "observedGeneration",
  "outputs",
  "pendingCreate",
  "proof",
  "resourceVersion",
  "renderedFrom",
  "stateSecret",
]);

/** What differs between two status documents, conditions by their type. */
export const statusChanges = (before: unknown, after: unknown): FieldChange[] =>
  fieldChanges(byType(before), byType(after), BOOKKEEPING);

function byType(status: unknown): unknown {
  const { conditions, ...rest } = (status ?? {}) as { readonly conditions?: readonly { readonly type: string }[] };
  if (conditions === undefined) return rest;
  const named = conditions.map(({ type, ...condition }) => [type, condition] as const);
  return { ...rest, conditions: Object.fromEntries(named) };
}

/** The write of a Secret or ConfigMap, or the end of a resource, as a step. `undefined`: it changes nothing that is shown. */
export function clusterStep(
  owner: StepOwner,
  write: ServedWrite,
  fingerprint: (value: string) => string,
): Step | undefined {
  const { kind, before, after } = write;
  const subject = nameOf(after ?? before);
  if (kind !== "Secret" && kind !== "ConfigMap")
    return after === undefined
      ? { owner, target: "Resource", action: `delete ${kind}`, subject, changes: [], isDestructive: true }
      : undefined;
  const changes = contentChanges(kind, before, after, fingerprint);
  if (after !== undefined && before !== undefined && changes.length === 0) return undefined;
  const verb = before === undefined ? "create" : after === undefined ? "delete" : "update";
  const by = write.isCollected === true ? " (garbage collection)" : "";
  const isDestructive = after === undefined;
  return {
    owner,
    target: kind,
    action: `${verb} ${kind}${by}`,
    subject,
    changes: isDestructive ? [] : changes,
    isDestructive,
  };
}

const nameOf = (object: ServedObject | undefined): string =>
  `${object?.metadata.namespace ?? ""}/${object?.metadata.name ?? ""}`;

function contentChanges(
  kind: "Secret" | "ConfigMap",
  before: ServedObject | undefined,
  after: ServedObject | undefined,
  fingerprint: (value: string) => string,
): FieldChange[] {
  const shown = (object: ServedObject | undefined) => ({
    type: object?.type,
    labels: object?.metadata.labels,
    annotations: object?.metadata.annotations,
    data: Object.fromEntries(
      Object.entries(object?.data ?? {}).map(([key, value]) => [
        key,
        kind === "Secret" ? maskedText(value, fingerprint) : value,
      ]),
    ),
  });
  return fieldChanges(shown(before), shown(after));
}

const DIGEST_LENGTH = 12;

/** A digest that only this installation can compute, so that a value can be compared and is not shown. */
function maskedText(base64: string, fingerprint: (value: string) => string): string {
  const value = Buffer.from(base64, "base64").toString("utf8");
  if (value.includes(KNOWN_AFTER_APPLY) || shownText(value) === KNOWN_AFTER_APPLY) return KNOWN_AFTER_APPLY;
  return `digest ${fingerprint(value).slice(0, DIGEST_LENGTH)}`;
}
