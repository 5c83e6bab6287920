import type { FactName, Facts } from "./facts.ts";
import type { Subject } from "./subject.ts";

export type Severity = "error" | "warning" | "info";

/** From the most severe to the least. */
export const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

/** An object for which a check fails. */
export interface Hit {
  readonly on: Subject;
  /** What is wrong with this object. */
  readonly why: string;
}

/** One question about the whole setup. */
export interface Check {
  /** In kebab case. It is part of the annotation that dismisses a finding. */
  readonly name: string;
  readonly severity: Severity;
  /** When it reports an object, for the reference page. */
  readonly reports: string;
  /** Why that matters, for the reference page. */
  readonly risk: string;
  /** What to do. */
  readonly todo: string;
  /** Facts without which the check cannot run. */
  readonly needs: readonly FactName[];
  /** Facts of which the check judges what was read. */
  readonly wants?: readonly FactName[];
  find(facts: Facts): readonly Hit[];
  /** Objects that this check cannot judge, and why. */
  unjudged?(facts: Facts): readonly Hit[];
}
