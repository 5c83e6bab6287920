import { setTimeout as delay } from "node:timers/promises";
import type { Lane } from "./lane.ts";
import { createCounter, type Step } from "./steps.ts";

export interface Recording {
  /** In the order in which they were carried out. */
  readonly steps: readonly Step[];
  /** Requests of the operator to either side, answered or not. */
  readonly requests: number;
  /** Milliseconds from the change until all was as wanted. */
  readonly tookMs: number;
}

export interface Recorder {
  /** What happened since. `tookMs` is measured by the one that waits. */
  stop(): Omit<Recording, "tookMs">;
}

/** Begins to record. */
export function record(lane: Lane): Recorder {
  const count = createCounter();
  const steps: Step[] = [];
  const listener = (step: Omit<Step, "nth">): void => {
    steps.push(count(step));
  };
  lane.listeners.add(listener);
  const requestsBefore = lane.proxy.requests.length;
  return {
    stop: () => {
      lane.listeners.delete(listener);
      const calls = steps.filter(({ at }) => at === "provider").length;
      const writesAndReads = lane.proxy.requests.slice(requestsBefore).filter((url) => !url.includes("watch="));
      return { steps, requests: calls + writesAndReads.length };
    },
  };
}

const QUIET_MS = 250;

/** Until the operator has said nothing to anybody for a moment, so that the next case begins in silence. */
export async function quiet(lane: Lane, withinMs = 10_000): Promise<void> {
  const said = (): number => lane.sandbox.calls.since(0).length + lane.proxy.requests.length;
  const deadline = Date.now() + withinMs;
  for (let before = -1; before !== said() && Date.now() < deadline;) {
    before = said();
    await delay(QUIET_MS);
  }
}
