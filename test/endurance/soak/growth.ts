import { heapOf } from "../../e2e/heap.ts";
import type { Supervised } from "../operators.ts";

/** What a process holds when it is idle. */
export interface Holdings {
  /** Objects on the heap after garbage collection, by what made them. */
  readonly objects: ReadonlyMap<string, number>;
  /** Timers, sockets and other things that libuv waits for, by type. */
  readonly resources: ReadonlyMap<string, number>;
  /** Open watches. */
  readonly watches: number;
}

const MORE_OBJECTS = 1.1;
const FEW = 200;
/** Connections and their timers come and go with calls. */
const SOME_RESOURCES = 12;

export async function holdingsOf(operator: Supervised, metricsUrl: string, dir: string): Promise<Holdings> {
  const child = { kill: () => operator.kill("SIGUSR2") };
  // What finalizers release after the garbage collection of the first is gone in the second.
  await heapOf(child, dir);
  const { objects } = await heapOf(child, dir);
  const text = await (await fetch(metricsUrl)).text();
  const resources = [...text.matchAll(/^nodejs_active_resources\{type="(\w+)"\} (\d+)/gm)];
  const watches = [...text.matchAll(/^m2m_operator_watches\{[^}]*\} (\d+)/gm)];
  return {
    objects,
    resources: new Map(resources.map(([, type = "", count]) => [type, Number(count)])),
    watches: watches.reduce((sum, [, count]) => sum + Number(count), 0),
  };
}

const MOST = 5;

/** Of which objects there are more on the heap, and how many more. */
export const moreOf = (before: Holdings, after: Holdings): string =>
  [...after.objects]
    .map(([name, count]) => [name, count - (before.objects.get(name) ?? 0)] as const)
    .filter(([, more]) => more > FEW)
    .toSorted(([, left], [, right]) => right - left)
    .slice(0, MOST)
    .map(([name, more]) => `${name} +${String(more)}`)
    .join(", ");

/** What grew from one calm moment to a later one, though the same objects exist. */
export function growthOf(before: Holdings, after: Holdings): readonly string[] {
  const total = ({ objects }: Holdings): number => [...objects.values()].reduce((sum, count) => sum + count, 0);
  const [first, last] = [total(before), total(after)];
  return [
    ...(last > first * MORE_OBJECTS ? [`objects on the heap: ${String(first)}, then ${String(last)}`] : []),
    ...[...after.resources]
      .filter(([type, count]) => count > (before.resources.get(type) ?? 0) + SOME_RESOURCES)
      .map(([type, count]) => `${type}: ${String(before.resources.get(type) ?? 0)}, then ${String(count)}`),
    ...(after.watches > before.watches ? [`watches: ${String(before.watches)}, then ${String(after.watches)}`] : []),
  ];
}

export const summaryOf = ({ objects, resources, watches }: Holdings): string => {
  const count = [...objects.values()].reduce((sum, each) => sum + each, 0);
  const waits = [...resources].map(([type, each]) => `${type} ${String(each)}`).join(", ");
  return `${String(count)} objects on the heap, ${String(watches)} watches, ${waits}`;
};
