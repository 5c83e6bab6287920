import type { ReconcileResult } from "./result.ts";

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  /** RFC 3339; moves only when `status` changes. */
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number | undefined;
}

/** A condition as a kind judges it; time and generation are added here. */
export interface Judgement<Reason extends string = string> {
  readonly type: string;
  readonly status: Condition["status"];
  readonly reason: Reason;
  readonly message: string;
}

export interface ConditionInput {
  readonly previous: readonly Condition[];
  readonly generation: number;
  readonly now: Date;
  readonly result: ReconcileResult;
  /** Conditions of this kind beside Ready; one that is missing here is dropped. */
  readonly judgements: readonly Judgement[];
  /** What Ready says when the object has converged. */
  readonly readyMessage: string;
}

/** The next conditions: Ready always, Reconciling or Stalled only while true and never both. */
export function nextConditions(input: ConditionInput): readonly Condition[] {
  const judgements = [...progressOf(input), ...input.judgements];
  return judgements.map((judgement) => dated(judgement, input));
}

function progressOf({ result, readyMessage, previous }: ConditionInput): readonly Judgement[] {
  switch (result.kind) {
    case "done":
    case "requeueAfter":
      return [{ type: "Ready", status: "True", reason: "Ready", message: readyMessage }];
    case "paused":
      return [
        {
          type: "Ready",
          status: "Unknown",
          reason: "Paused",
          message: "Paused by the annotation m2m-operator.io/paused. Remove it to resume.",
        },
      ];
    case "readAgain":
      return unready(
        "Progressing",
        "The object changed during the reconciliation. The operator reads it again.",
        "Reconciling",
      );
    case "wait":
      // A process that has just started does not know for how long it has lasted.
      return unready(result.reason, result.message, wasStalled(result, previous) ? "Stalled" : "Reconciling");
    case "backoff":
      return unready(result.reason, result.message, "Reconciling");
    case "stalled":
      return unready(result.reason, result.message, "Stalled");
  }
}

const wasStalled = (result: ReconcileResult, previous: readonly Condition[]): boolean =>
  result.kind === "wait" && result.isUnmet === true && conditionOf(previous, "Stalled")?.reason === result.reason;

function unready(reason: string, message: string, type: "Reconciling" | "Stalled"): readonly Judgement[] {
  return [
    { type: "Ready", status: "False", reason, message },
    { type, status: "True", reason, message },
  ];
}

function dated(judgement: Judgement, { previous, generation, now }: ConditionInput): Condition {
  const before = previous.find((condition) => condition.type === judgement.type);
  const lastTransitionTime = before?.status === judgement.status ? before.lastTransitionTime : now.toISOString();
  return { ...judgement, lastTransitionTime, observedGeneration: generation };
}

/** Before the first pass: kstatus takes an object without Ready for a finished one. */
export function firstConditions(generation: number, now: Date): readonly Condition[] {
  const at = { lastTransitionTime: now.toISOString(), observedGeneration: generation };
  return [
    { type: "Ready", status: "Unknown", reason: "Pending", message: "Not reconciled yet.", ...at },
    { type: "Reconciling", status: "True", reason: "Pending", message: "Not reconciled yet.", ...at },
  ];
}

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
