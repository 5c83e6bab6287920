import type { Org } from "./org.ts";
import type { App, Secret } from "./state.ts";

/** Remembers when something was made, for orgs that take a moment to show it. */
export function noteCreated({ state }: Org, id: string, nowMs: number): void {
  state.appearedAt.set(id, nowMs);
}

const ageOf = ({ state }: Org, id: string, nowMs: number): number =>
  nowMs - (state.appearedAt.get(id) ?? Number.NEGATIVE_INFINITY);

/** Okta is eventually consistent: an app may not be found for a moment after the answer to its creation. */
export const isVisible = (org: Org, { id }: App, nowMs: number): boolean =>
  ageOf(org, id, nowMs) >= org.knobs.eventualConsistencyMs;

export const isAccepted = (org: Org, { id, status }: Secret, nowMs: number): boolean =>
  status === "ACTIVE" && ageOf(org, id, nowMs) >= org.knobs.secretPropagationMs;
