import { setTimeout as delay } from "node:timers/promises";
import type { Audit } from "./audit.ts";
import type { OperatorProcess } from "./operator-process.ts";
import { cpuSecondsOf } from "./process-figures.ts";
import type { Readiness } from "./readiness.ts";
import type { Stand } from "./stand.ts";

/** Garbage of the work is collected, and what only waited for its end is freed. */
export const IDLE_MS = 20_000;

const QUIET_MS = 3000;
/** Longer than any pause of the operator's after a refusal. */
const STUCK_MS = 60_000;
const EVERY_MS = 100;
const TELL_EVERY_MS = 5000;
const LIMIT_MS = 40 * 60_000;
/** More than this share of one core is work; timers and the renewal of the Lease stay far below. */
const BUSY_SHARE = 0.2;
const SHARE_OVER_MS = 500;

export interface Wanted {
  readonly isDone: () => boolean;
  /** How far it is, for anyone who waits. */
  readonly far: () => string;
}

export const NOTHING_TO_DO: Wanted = { isDone: () => true, far: () => "waiting until nothing moves" };

type Numbered = readonly { readonly n: number }[];

/** What tells whether an operator does something: its requests on either side. */
export interface Observed {
  readonly audit: Audit;
  readonly readiness: Readiness;
  readonly say: (line: string) => void;
  /** The tenant. `since` as in `SandboxProcess`. */
  readonly sandbox: { calls(since: number): Numbered | Promise<Numbered> };
}

/**
 * Waits until `isDone` and the operator has sent no request and computed nothing for three seconds. Resolves with the time
 * of `performance.now` when it last did something. Says every few seconds how far it is.
 */
export async function atRest(
  stand: Observed,
  operator: Pick<OperatorProcess, "pid" | "ended">,
  { isDone, far }: Wanted,
): Promise<number> {
  const { audit, sandbox, readiness, say } = stand;
  const deadline = performance.now() + LIMIT_MS;
  const busy = createBusyWatch(operator.pid);
  let seen = { requests: audit.entries().length, call: newest(await sandbox.calls(0), 0) };
  let lastActive = performance.now();
  let toldAt = performance.now();
  for (;;) {
    const end = operator.ended();
    if (end !== undefined) throw new Error(end);
    const now = performance.now();
    const requests = audit.entries().length;
    const call = newest(await sandbox.calls(seen.call), seen.call);
    const isActive = requests !== seen.requests || call !== seen.call || busy(now);
    seen = { requests, call };
    if (isActive) lastActive = now;
    if (isDone() && now - lastActive >= QUIET_MS) return lastActive;
    if (now - lastActive >= STUCK_MS)
      throw new Error(`the operator does nothing more: ${far()}; ${readiness.notReady() ?? "everything is Ready"}`);
    if (now > deadline) throw new Error(`the operator does not come to rest: ${far()}`);
    if (now - toldAt >= TELL_EVERY_MS) {
      toldAt = now;
      say(`${far()}, ${String(requests)} requests to the API server, ${String(call)} to the tenant`);
    }
    await delay(EVERY_MS);
  }
}

const newest = (calls: Numbered, before: number): number => calls.at(-1)?.n ?? before;

function createBusyWatch(pid: number): (now: number) => boolean {
  let last = { at: performance.now(), cpu: cpuSecondsOf(pid) };
  let isBusy = false;
  return (now) => {
    if (now - last.at < SHARE_OVER_MS) return isBusy;
    const cpu = cpuSecondsOf(pid);
    isBusy = (cpu - last.cpu) / ((now - last.at) / 1000) > BUSY_SHARE;
    last = { at: now, cpu };
    return isBusy;
  };
}

/** Waits for one thing that is about to happen, and says since when it waits for it where that takes long. */
export async function until(
  stand: Pick<Stand, "isOver" | "say">,
  what: string,
  isReached: () => Promise<boolean> | boolean,
): Promise<void> {
  const startedAt = performance.now();
  let toldAt = startedAt;
  while (!(await isReached())) {
    const now = performance.now();
    if (stand.isOver()) throw new Error(`nobody waits any more: ${what}`);
    if (now - startedAt > LIMIT_MS) throw new Error(`waited in vain: ${what}`);
    if (now - toldAt >= TELL_EVERY_MS) {
      toldAt = now;
      stand.say(`waiting since ${((now - startedAt) / 1000).toFixed(0)} s: ${what}`);
    }
    await delay(10);
  }
}
