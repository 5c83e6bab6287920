import { setTimeout as pause } from "node:timers/promises";
import type { Progress } from "../progress.ts";

/** How it ended. */
export interface Outcome<T> {
  readonly ended: "done" | "stuck" | "timedOut";
  readonly progress: Progress;
  readonly seen: T;
}

export interface FollowOptions {
  readonly timeoutMs: number;
  /** Told of each new text while it waits. */
  readonly onNews: (text: string) => void;
  /** Time between two reads. Default: one second. */
  readonly intervalMs?: number;
}

/** What was wrong before the request may still be shown for a moment. */
const STUCK_READS = 8;

/** Reads until `progressOf` says that it is done, a person must act for several reads in a row, or the time is over. */
export async function follow<T>(
  read: () => Promise<T>,
  progressOf: (seen: T) => Progress,
  { timeoutMs, onNews, intervalMs = 1000 }: FollowOptions,
): Promise<Outcome<T>> {
  const until = performance.now() + timeoutMs;
  let stuckReads = 0;
  let told = "";
  for (;;) {
    const seen = await read();
    const progress = progressOf(seen);
    stuckReads = progress.state === "stuck" ? stuckReads + 1 : 0;
    if (progress.state === "done") return { ended: "done", progress, seen };
    if (stuckReads >= STUCK_READS) return { ended: "stuck", progress, seen };
    if (performance.now() >= until) return { ended: "timedOut", progress, seen };
    if (progress.text !== told) onNews(progress.text);
    told = progress.text;
    await pause(Math.max(Math.min(intervalMs, until - performance.now()), 0));
  }
}
