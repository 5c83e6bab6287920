import type { Org } from "./org.ts";

/** The org as a request sees it: reads see what there was the knob's time ago, writes what exists. */
export function seenBy(org: Org, method: string, nowMs: number): Org {
  const { staleReadsMs: delay } = org.knobs;
  if (delay <= 0) return org;
  org.history = org.history.filter(({ beforeMs }) => beforeMs > nowMs - delay);
  const [oldest] = org.history;
  if (method === "GET") return oldest === undefined ? org : { ...org, state: oldest.state };
  org.history.push({ beforeMs: nowMs, state: structuredClone(org.state) });
  return org;
}
