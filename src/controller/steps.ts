import type { Halt, Plan } from "./reconcile.ts";

/**
 * What lifts a kind's halts: by reason, the watches that bring a halted object back. A reason that is not here needs a
 * time, so that no halt relies on somebody to remember it.
 */
export type Lifts<Reason extends string, Waker extends string> = Readonly<
  Partial<Record<Reason, readonly [Waker, ...Waker[]]>>
>;

type ReasonOf<L> = keyof L & string;

/** How the plan of a kind says what comes next. `L` is the kind's table of what lifts its halts. */
export interface Steps<Action, L, Reason extends string> {
  /** Do these, in this order. */
  readonly act: (first: Action, ...rest: Action[]) => Plan<Action>;
  /** Nothing to do: what was observed matches what is desired. */
  readonly nothing: Plan<Action>;
  /** Something else must happen first, and the watches that the table names see it happen. */
  readonly wait: (reason: ReasonOf<L>, message: string) => Plan<Action>;
  /** A `wait` for something in progress that usually takes a moment. Status reports it only once it takes long. */
  readonly awaiting: (reason: ReasonOf<L>, message: string) => Plan<Action>;
  /**
   * A `wait` for something that only a person can provide, and may be about to: objects applied together arrive in any order. It
   * counts as `stalled` once it has lasted.
   */
  readonly unmet: (reason: ReasonOf<L>, message: string) => Plan<Action>;
  /** An `unmet` wait that no watch sees: the object is reconciled again at `until`. */
  readonly unmetUntil: (reason: Reason, message: string, until: Date) => Plan<Action>;
  /** A `wait` that no watch sees: the object is reconciled again at `until`. */
  readonly waitUntil: (reason: Reason, message: string, until: Date) => Plan<Action>;
  /** A person must act, where a watch that the table names sees it. */
  readonly stalled: (reason: ReasonOf<L>, message: string) => Plan<Action>;
  /** A person must act where no watch sees it: the object is reconciled again then. */
  readonly stalledUntil: (reason: Reason, message: string, until: Date) => Plan<Action>;
}

export function stepsOf<Action, Reason extends string, L extends Lifts<Reason, string>>(
  lifts: L,
): Steps<Action, L, Reason> {
  const liftedBy = (reason: string): readonly string[] => (lifts as Lifts<string, string>)[reason] ?? [];
  const halted = (base: Told, until?: Date): Plan<Action> => ({
    actions: [],
    halt: until === undefined ? { ...base, liftedBy: liftedBy(base.reason) } : { ...base, until },
  });
  return {
    act: (first, ...rest) => ({ actions: [first, ...rest] }),
    nothing: { actions: [] },
    wait: (reason, message) => halted({ kind: "wait", reason, message }),
    awaiting: (reason, message) => halted({ kind: "wait", reason, message, isUnderWay: true }),
    unmet: (reason, message) => halted({ kind: "wait", reason, message, isUnmet: true }),
    unmetUntil: (reason, message, until) => halted({ kind: "wait", reason, message, isUnmet: true }, until),
    waitUntil: (reason, message, until) => halted({ kind: "wait", reason, message }, until),
    stalled: (reason, message) => halted({ kind: "stalled", reason, message }),
    stalledUntil: (reason, message, until) => halted({ kind: "stalled", reason, message }, until),
  };
}

/** What a halt says, whatever lifts it. */
type Told = Omit<Extract<Halt, { readonly reason: string }>, "liftedBy" | "until">;
