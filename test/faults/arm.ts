import type { Fault } from "./faults.ts";
import type { Lane } from "./lane.ts";
import { createCounter, kubernetesPath, patternOf, type Step, textOf } from "./steps.ts";

/** A fault that waits for its step. */
export interface Armed {
  /** Whether the step came, so that something was disturbed. */
  readonly isMet: () => boolean;
  readonly disarm: () => void;
}

/** From now on the step fails, and the next ones of its form, `times` in all. */
export function arm(lane: Lane, step: Step, fault: Fault, times: number): Armed {
  const armed = fault.isKill === true ? armKill(lane, step) : armAnswer(lane, step, fault, times);
  return {
    isMet: armed.isMet,
    disarm: () => {
      armed.disarm();
      lane.sandbox.faults.clear();
      lane.proxy.clear();
    },
  };
}

/** Tells when a step of a life comes, as it was recorded. */
function watchFor(lane: Lane, step: Step, onStep: () => void): () => void {
  const count = createCounter();
  const listener = (seen: Omit<Step, "nth">): void => {
    if (seen.at === step.at && textOf(count(seen)) === textOf(step)) onStep();
  };
  lane.listeners.add(listener);
  return () => lane.listeners.delete(listener);
}

function armKill(lane: Lane, step: Step): Armed {
  let isMet = false;
  const disarm = watchFor(lane, step, () => {
    isMet = true;
    lane.operator.kill("SIGKILL");
  });
  return { isMet: () => isMet, disarm };
}

function armAnswer(lane: Lane, step: Step, fault: Fault, times: number): Armed {
  return step.at === "provider" ? armProvider(lane, step, fault, times) : armKubernetes(lane, step, fault, times);
}

function armProvider(lane: Lane, step: Step, fault: Fault, times: number): Armed {
  let isMet = false;
  const effect = fault.ofProvider?.(lane.vendor, step) ?? {};
  lane.sandbox.faults.add({
    ...{ tenant: lane.vendor, method: step.method, path: patternOf(step.path) },
    ...{ skip: step.nth - 1, times, effect },
  });
  const disarm = watchFor(lane, step, () => (isMet = true));
  return { isMet: () => isMet, disarm };
}

/** The proxy asks the faults in their order until one matches, so that each of them sees what the earlier ones let pass. */
function armKubernetes(lane: Lane, step: Step, fault: Fault, times: number): Armed {
  let isMet = false;
  const effect = fault.ofKubernetes?.(step) ?? {};
  for (let left = times; left > 0; left--) {
    let seen = 0;
    const matches = (url: string, method: string): boolean => {
      if (method !== step.method || kubernetesPath(lane.namespace, method, url) !== step.path) return false;
      seen += 1;
      isMet ||= seen === step.nth;
      return seen === step.nth;
    };
    lane.proxy.add({ ...effect, matches });
  }
  return { isMet: () => isMet, disarm: () => undefined };
}
