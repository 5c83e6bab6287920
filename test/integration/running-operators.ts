import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { RunningOperator } from "../../src/assembly/operator.ts";

const operators = new Set<RunningOperator>();
const processes = new Set<ChildProcess>();

/** Remembers an operator that a test started in this process, so that it does not outlive the test's file. */
export function remembered(operator: RunningOperator): RunningOperator {
  operators.add(operator);
  return {
    ...operator,
    stop: async () => {
      operators.delete(operator);
      await operator.stop();
    },
  };
}

/** The same for an operator in a process of its own. */
export function rememberedProcess<Process extends ChildProcess>(child: Process): Process {
  processes.add(child);
  child.once("exit", () => processes.delete(child));
  return child;
}

/** Ends whatever operators their tests left running. Returns how many. */
export async function endForgotten(): Promise<number> {
  const [forgotten, children] = [[...operators], [...processes]];
  operators.clear();
  await Promise.all(children.map(ended));
  await Promise.all(forgotten.map((operator) => operator.stop()));
  return forgotten.length + children.length;
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
