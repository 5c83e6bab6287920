import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../demo/environment.ts";

const MIB = 2 ** 20;

/** The chart's memory limit, put on one process. */
export interface MemoryLimit {
  /** In words, for anyone who reads the figures. */
  readonly told: string;
  /** Flags of Node where the kernel does not hold the limit. */
  readonly nodeFlags: readonly string[];
  /** File that a process writes its id into to be held to the limit. */
  readonly processes: string | undefined;
  /** Once every process in it has ended. */
  remove(): void;
}

/** What the container may have, in MiB, as the chart says it. */
export function chartLimitMiB(): number {
  const values = parse(readFileSync(join(ROOT, "charts/m2m-operator/values.yaml"), "utf8")) as {
    readonly resources: { readonly limits: { readonly memory: string } };
  };
  const { memory } = values.resources.limits;
  const mebibytes = /^(\d+)Mi$/.exec(memory)?.[1];
  if (mebibytes === undefined) throw new Error(`the chart's memory limit is not in Mi: ${memory}`);
  return Number(mebibytes);
}

/**
 * A control group with the chart's limit, so that the kernel holds the process to it and Node derives its heap from it as
 * in a Pod. Where none can be made, the old generation is limited to what Node would derive: half of the limit.
 */
export function createMemoryLimit(): MemoryLimit {
  const mebibytes = chartLimitMiB();
  const group = createGroup(mebibytes * MIB);
  if (group !== undefined)
    return {
      told: `${String(mebibytes)} MiB, held by a control group`,
      nodeFlags: [],
      processes: join(group, "cgroup.procs"),
      remove: () => {
        rmdirSync(group);
      },
    };
  const heap = mebibytes / 2;
  return {
    told: `${String(mebibytes)} MiB, as a heap of ${String(heap)} MiB: no control group can be made here`,
    nodeFlags: [`--max-old-space-size=${String(heap)}`],
    processes: undefined,
    remove: () => undefined,
  };
}

const name = (): string => `m2m-bench-${String(process.pid)}`;

/** Of version 2 where the machine has it, else of version 1. */
function createGroup(bytes: number): string | undefined {
  for (const [root, file] of [
    ["/sys/fs/cgroup", "memory.max"],
    ["/sys/fs/cgroup/memory", "memory.limit_in_bytes"],
  ] as const) {
    const group = join(root, name());
    try {
      mkdirSync(group, { recursive: true });
      if (existsSync(join(group, file))) {
        writeFileSync(join(group, file), String(bytes));
        return group;
      }
      rmdirSync(group);
    } catch {
      // Not for us to write, or there is none: the other version, or none at all.
    }
  }
  return undefined;
}
