import type { Finding, StateWord } from "./state.ts";

/** A line of the tree. */
export interface Node {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Facts worth a glance, for example the audience. */
  readonly detail: string;
  /** Only of the operator's own resources. */
  readonly state?: StateWord;
  readonly findings: readonly Finding[];
  readonly children: readonly Node[];
}
