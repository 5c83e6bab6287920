import { counted } from "../counted.ts";
import type { StateWord } from "./state.ts";
import type { Node } from "./node.ts";

/** Every resource once, although a grant stands below its API and below its client. */
export function resourcesIn(roots: readonly Node[]): readonly (Node & { readonly state: StateWord })[] {
  const all = roots.flatMap(flattened).filter((node): node is Node & { state: StateWord } => node.state !== undefined);
  const seen = new Map(all.map((node) => [`${node.kind}/${node.namespace ?? ""}/${node.name}`, node] as const));
  return [...seen.values()];
}

const flattened = (node: Node): readonly Node[] => [node, ...node.children.flatMap(flattened)];

export interface Summary {
  readonly total: number;
  readonly counts: Readonly<Partial<Record<StateWord, number>>>;
}

/** How many resources are in which state. */
export function summaryOf(roots: readonly Node[]): Summary {
  const resources = resourcesIn(roots);
  const counts: Partial<Record<StateWord, number>> = {};
  for (const { state } of resources) counts[state] = (counts[state] ?? 0) + 1;
  return { total: resources.length, counts };
}

const ORDER: readonly StateWord[] = ["Ready", "Stalled", "Reconciling", "Pending", "Paused", "Deleting"];

/** `12 resources: 10 Ready, 1 Stalled, 1 Reconciling`. */
export function summaryText({ total, counts }: Summary): string {
  const parts = ORDER.flatMap((word) => (counts[word] === undefined ? [] : [`${String(counts[word])} ${word}`]));
  return `${counted(total, "resource")}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}

export const isAllReady = ({ total, counts }: Summary): boolean => counts.Ready === total || total === 0;

/** The branches that lead to this resource, and everything below it. */
export function prunedTo(
  roots: readonly Node[],
  kind: string,
  name: string,
  namespace: string | undefined,
): readonly Node[] {
  const isIt = (node: Node): boolean =>
    node.kind === kind && node.name === name && (node.namespace === undefined || node.namespace === namespace);
  return roots.flatMap((node) => {
    if (isIt(node)) return [node];
    const children = prunedTo(node.children, kind, name, namespace);
    return children.length === 0 ? [] : [{ ...node, children }];
  });
}
