import { nothing, type Step } from "./plan-steps.ts";

/** When to reconcile again, and how urgent that is. */
export type Recheck = Pick<Step, "recheckAs"> & { readonly recheckAt: Date };

/** When this part of the plan has its next step, whatever halts the others: nothing else brings the object back then. */
export function timesOf(part: Step | Date | undefined): readonly Recheck[] {
  if (part === undefined) return [];
  if (part instanceof Date) return [{ recheckAt: part }];
  const { halt, recheckAt, recheckAs } = part;
  const until = halt !== undefined && "until" in halt ? [{ recheckAt: halt.until }] : [];
  if (recheckAt === undefined) return until;
  return [...until, { recheckAt, ...(recheckAs === undefined ? {} : { recheckAs }) }];
}

/** The first of these times as a step. */
export function soonest(times: readonly Recheck[]): Step {
  const [first] = [...times].sort((a, b) => a.recheckAt.getTime() - b.recheckAt.getTime());
  return first === undefined ? nothing : { actions: [], ...first };
}
