import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../integration/cluster.ts";

/** What a heap holds after garbage collection. */
export interface Heap {
  /** Number of objects, by the name of what made them. */
  readonly objects: ReadonlyMap<string, number>;
  readonly strings: readonly string[];
}

interface Snapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: readonly string[]; readonly node_types: [string[]] } };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/**
 * Has a process that was started with `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=DIR` write a heap snapshot, and
 * reads it.
 */
export async function heapOf(process: Pick<ChildProcess, "kill">, dir: string): Promise<Heap> {
  process.kill("SIGUSR2");
  const path = await written(dir);
  const heap = contentsOf(JSON.parse(readFileSync(path, "utf8")) as Snapshot);
  rmSync(path);
  return heap;
}

/** A snapshot is written piece by piece: it is whole once it ends as JSON ends. */
async function written(dir: string): Promise<string> {
  const newest = (): string | undefined => readdirSync(dir).find((name) => name.endsWith(".heapsnapshot"));
  const name = await eventually(
    () => Promise.resolve(newest()),
    (found) => found !== undefined && statSync(join(dir, found)).size > 0 && isWhole(join(dir, found)),
    "a heap snapshot",
    60_000,
  );
  return join(dir, name ?? "");
}

const isWhole = (path: string): boolean => readFileSync(path).subarray(-8).toString().trimEnd().endsWith("}");

function contentsOf({ snapshot, nodes, strings }: Snapshot): Heap {
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [typeAt, nameAt] = [fields.indexOf("type"), fields.indexOf("name")];
  const objects = new Map<string, number>();
  const found: string[] = [];
  for (let at = 0; at < nodes.length; at += fields.length) {
    const type = types[0][nodes[at + typeAt] ?? 0];
    const name = strings[nodes[at + nameAt] ?? 0] ?? "";
    if (type === "object") objects.set(name, (objects.get(name) ?? 0) + 1);
    if (type === "string") found.push(name);
  }
  return { objects, strings: found };
}
