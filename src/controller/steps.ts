import type { Plan } from "./reconcile.ts";
import type { Reason } from "./reasons.ts";

/** How the plan of a kind says what comes next. */
export interface Steps<Action> {
  /** Do these, in this order. None: all is as it should be. */
  readonly act: (...actions: Action[]) => Plan<Action>;
  /** Something else must happen first; a watch brings the object back, or `until`. */
  readonly wait: (reason: Reason, message: string, until?: Date) => Plan<Action>;
  /** A person must act. `until` is when to look whether somebody did. */
  readonly stalled: (reason: Reason, message: string, until?: Date) => Plan<Action>;
}

export function stepsOf<Action>(): Steps<Action> {
  const halt = (kind: "wait" | "stalled", reason: Reason, message: string, until: Date | undefined): Plan<Action> => ({
    actions: [],
    halt: { kind, reason, message, ...(until === undefined ? {} : { until }) },
  });
  return {
    act: (...actions) => ({ actions }),
    wait: (reason, message, until) => halt("wait", reason, message, until),
    stalled: (reason, message, until) => halt("stalled", reason, message, until),
  };
}
