import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { RunningOperator } from "../../src/assembly/operator.ts";

type Stop = () => Promise<void>;

const running = new Set<Stop>();

/** Remembers what ends something that a test started, so that it does not outlive the test's file. Returns how to forget it. */
export function untilFileEnds(stop: Stop): () => void {
  running.add(stop);
  return () => {
    running.delete(stop);
  };
}

/** An operator in this process. */
export function remembered(operator: RunningOperator): RunningOperator {
  const forget = untilFileEnds(() => operator.stop());
  return {
    ...operator,
    stop: async () => {
      forget();
      await operator.stop();
    },
  };
}

/** An operator in a process of its own. */
export function rememberedProcess<Process extends ChildProcess>(child: Process): Process {
  child.once(
    "exit",
    untilFileEnds(() => killed(child)),
  );
  return child;
}

/** Ends whatever tests left running. Returns how many. */
export async function endForgotten(): Promise<number> {
  const forgotten = [...running];
  running.clear();
  await Promise.all(forgotten.map((stop) => stop()));
  return forgotten.length;
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
