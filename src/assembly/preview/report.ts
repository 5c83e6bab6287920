import type { ChangePreviewStatus, PreviewStep } from "../../kinds/change-preview/schema.ts";
import { MAX_CHANGES, MAX_OBJECTS, MAX_STEPS } from "../../kinds/change-preview/schema.ts";
import type { Reason } from "../../kinds/status/reasons.ts";
import { cutText } from "../../ports/cut-text.ts";
import type { Step, StepOwner } from "../../preview/steps.ts";
import type { Preview, PreviewedObject } from "./preview.ts";

/** What etcd takes of one object, without its manifests and with room for the rest, in bytes. */
const MAX_BYTES = 1_200_000;
/** Room that the objects of a result have. */
const OBJECTS_BYTES = 300_000;
const MAX_TEXT = 700;
const MAX_VALUE = 256;
const MAX_MESSAGE = 1024;

interface ReportOptions {
  readonly namespace: string;
  readonly generation: number;
  /** Size of the manifests. */
  readonly specBytes: number;
  readonly now: Date;
}

/** The status of a finished preview, as far as one object has room for it. */
export function previewStatus(preview: Preview, options: ReportOptions): ChangePreviewStatus {
  const { namespace, now } = options;
  const all = preview.steps.map((step) => shownStep(step, namespace));
  const own = preview.objects.filter((object) => object.namespace === namespace);
  const objects = within(refusedFirst(own).slice(0, MAX_OBJECTS).map(shownObject), OBJECTS_BYTES);
  const steps = within(all.slice(0, MAX_STEPS), MAX_BYTES - OBJECTS_BYTES - options.specBytes);
  const message = preview.isComplete
    ? "The preview is finished."
    : "The preview ended before everything was done: the steps are not complete.";
  return {
    ...condition(options, "True", "Previewed", message),
    outcome: preview.outcome,
    finishedAt: now.toISOString(),
    steps: [...steps],
    omittedSteps: all.length - steps.length,
    objects: [...objects],
  };
}

/** What a person must read is never what there is no room for. */
const refusedFirst = (objects: readonly PreviewedObject[]): readonly PreviewedObject[] =>
  objects.toSorted((left, right) => Number(right.isRefused) - Number(left.isRefused));

/** The status of a preview that there is none of. */
export const failedStatus = (
  options: Pick<ReportOptions, "generation" | "now">,
  reason: Reason,
  message: string,
): ChangePreviewStatus => ({
  ...condition(options, "False", reason, cutText(message, MAX_MESSAGE)),
  finishedAt: options.now.toISOString(),
});

function condition(
  { generation, now }: Pick<ReportOptions, "generation" | "now">,
  status: "True" | "False",
  reason: Reason,
  message: string,
): Pick<ChangePreviewStatus, "conditions" | "observedGeneration"> {
  const lastTransitionTime = now.toISOString();
  return {
    observedGeneration: generation,
    conditions: [{ type: "Ready", status, reason, message, lastTransitionTime, observedGeneration: generation }],
  };
}

/** Of another namespace only what kind of step is taken: its names and values are not for this one's eyes. */
function shownStep({ owner, target, action, subject, changes, isDestructive }: Step, namespace: string): PreviewStep {
  const isOwn = owner.namespace === namespace;
  const destructive = isDestructive ? { destructive: true } : {};
  if (!isOwn) return { object: `${owner.kind} of another namespace`, target, action, ...destructive };
  const shown = changes.slice(0, MAX_CHANGES).map(({ field, before, after }) => ({
    field: cutText(field, 512),
    ...(before === undefined ? {} : { before: cutText(before, MAX_VALUE) }),
    ...(after === undefined ? {} : { after: cutText(after, MAX_VALUE) }),
  }));
  return {
    ...{ object: nameOf(owner), target, action, subject: cutText(subject, MAX_TEXT) },
    ...destructive,
    ...(shown.length === 0 ? {} : { changes: shown }),
  };
}

const nameOf = ({ kind, namespace, name }: StepOwner): string => `${kind} ${namespace}/${name}`;

function shownObject({
  ready,
  isRefused,
  ...owner
}: PreviewedObject): NonNullable<ChangePreviewStatus["objects"]>[number] {
  return {
    object: nameOf(owner),
    ...(ready === undefined
      ? {}
      : { ready: ready.status, reason: ready.reason, message: cutText(ready.message, MAX_MESSAGE) }),
    ...(isRefused ? { refused: true } : {}),
  };
}

function within<T>(items: readonly T[], bytes: number): readonly T[] {
  let left = bytes;
  const end = items.findIndex((item) => (left -= Buffer.byteLength(JSON.stringify(item))) < 0);
  return end === -1 ? items : items.slice(0, end);
}
