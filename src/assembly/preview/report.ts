import type { ChangePreviewStatus, PreviewStep } from "../../kinds/change-preview/schema.ts";
import { MAX_CHANGES, MAX_OBJECTS, MAX_STEPS } from "../../kinds/change-preview/schema.ts";
import type { Reason } from "../../kinds/status/reasons.ts";
import { cutText } from "../../ports/cut-text.ts";
import type { Step, StepOwner } from "../../preview/steps.ts";
import type { Preview, PreviewedObject } from "./preview.ts";

/** What etcd takes of one object is 1.5 MiB. The rest is for what the API server adds, in bytes. */
const MAX_BYTES = 1_500_000;
const MAX_TEXT = 700;
const MAX_VALUE = 256;
const MAX_MESSAGE = 1024;

interface ReportOptions {
  readonly namespace: string;
  readonly generation: number;
  /** Size of the preview with its manifests and without a result, in bytes. */
  readonly ownBytes: number;
  readonly now: Date;
}

/** The status of a finished preview, as far as one object has room for it. */
export function previewStatus(preview: Preview, options: ReportOptions): ChangePreviewStatus {
  const { namespace, now } = options;
  const all = preview.steps.map((step) => shownStep(step, namespace));
  const own = preview.objects.filter((object) => object.namespace === namespace);
  const room = MAX_BYTES - options.ownBytes;
  const refused = within(shownObjects(own, true, MAX_OBJECTS), room / 2);
  const steps = within(all.slice(0, MAX_STEPS), room - bytesOf(refused));
  const others = within(
    shownObjects(own, false, MAX_OBJECTS - refused.length),
    room - bytesOf(refused) - bytesOf(steps),
  );
  const objects = [...refused, ...others];
  const message = preview.isComplete
    ? "The preview is finished."
    : "The preview ended before everything was done: the steps are not complete. Preview fewer resources at once.";
  return {
    ...condition(options, "True", "Previewed", message),
    outcome: preview.outcome,
    finishedAt: now.toISOString(),
    steps: [...steps],
    omittedSteps: all.length - steps.length,
    objects,
    omittedObjects: own.length - objects.length,
  };
}

/** The result of a preview that is larger has no room beside it. */
export const LARGEST_BYTES = MAX_BYTES - 50_000;

type ShownObject = NonNullable<ChangePreviewStatus["objects"]>[number];

/** What would be refused a person must read, so that it has its own room. */
const shownObjects = (objects: readonly PreviewedObject[], isRefused: boolean, most: number): readonly ShownObject[] =>
  objects
    .filter((object) => object.isRefused === isRefused)
    .slice(0, most)
    .map(shownObject);

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

function shownObject({ ready, isRefused, ...owner }: PreviewedObject): ShownObject {
  return {
    object: nameOf(owner),
    ...(ready === undefined
      ? {}
      : { ready: ready.status, reason: ready.reason, message: cutText(ready.message, MAX_MESSAGE) }),
    ...(isRefused ? { refused: true } : {}),
  };
}

/** With the comma after it. */
const bytesOfOne = (item: unknown): number => Buffer.byteLength(JSON.stringify(item)) + 1;

const bytesOf = (items: readonly unknown[]): number => items.reduce<number>((sum, item) => sum + bytesOfOne(item), 0);

function within<T>(items: readonly T[], bytes: number): readonly T[] {
  let left = bytes;
  const end = items.findIndex((item) => (left -= bytesOfOne(item)) < 0);
  return end === -1 ? items : items.slice(0, end);
}
