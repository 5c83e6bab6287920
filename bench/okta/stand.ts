import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Document, type Environment, read, startEnvironment } from "../../demo/environment.ts";
import type { Call } from "../../sandbox/call-log.ts";
import type { Row } from "../rows.ts";
import type { Case } from "./cases.ts";
import { type Reading, readMetrics } from "./metrics.ts";

/** One case, set up. */
export interface Stand {
  readonly size: Case;
  readonly environment: Environment;
  readonly metrics: () => Promise<Reading>;
  /** The calls of a part, also kept. */
  readonly calls: (part: string) => readonly Call[];
  /** Writes a file for anyone who asks where a figure came from. */
  readonly keep: (name: string, lines: readonly string[]) => void;
  readonly row: (metric: string, value: number, unit: string, bound?: number) => Row;
}

export async function startStand(size: Case, say: (line: string) => void): Promise<Stand> {
  const dir = mkdtempSync(join(tmpdir(), "m2m-bench-"));
  const environment = await startEnvironment(dir, say);
  environment.sandbox.org.setPlan(size.plan);
  say(`okta: ${size.plan}; its calls are kept in ${dir}`);
  const keep: Stand["keep"] = (name, lines) => {
    writeFileSync(join(dir, name), lines.map((line) => `${line}\n`).join(""));
  };
  return {
    size,
    environment,
    metrics: () => readMetrics(dir),
    calls: (part) => {
      const calls = environment.sandbox.calls.since(0);
      keep(
        `calls-${part}.jsonl`,
        calls.map((call) => JSON.stringify(call)),
      );
      return calls;
    },
    keep,
    row: (metric, value, unit, bound) => ({
      benchmark: "okta",
      subject: `m2m-operator, ${size.plan}`,
      metric,
      value,
      unit,
      ...(bound === undefined ? {} : { bound }),
    }),
  };
}

/** Longer than anything that is waited for here takes under the lowest limits. */
const LIMIT_MS = 10 * 60_000;

export async function until(what: string, isReached: () => Promise<boolean>, everyMs = 100): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await isReached())) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await delay(everyMs);
  }
}

const QUIET_MS = 2000;

/** Nothing waits for its turn, neither an object nor a request, and for two seconds there was no call. */
export async function atRest({ environment: { sandbox }, metrics }: Stand): Promise<void> {
  let seen = -1;
  let since = performance.now();
  await until("the operator is at rest", async () => {
    const count = sandbox.calls.since(0).length;
    const reading = await metrics();
    const waiting = (reading("workqueue_depth") ?? 0) + (reading("m2m_operator_governor_waiting") ?? 0);
    if (count !== seen || waiting > 0) since = performance.now();
    seen = count;
    return performance.now() - since >= QUIET_MS;
  });
}

/** Ready, and status speaks of the spec as it is now. */
export async function waitCurrent({ environment: { connection } }: Stand, document: Document): Promise<void> {
  await until(
    `${document.kind} ${document.metadata.name} is Ready`,
    async () => {
      const { metadata, status } = ((await read(connection, document)) ?? {}) as {
        readonly metadata?: { readonly generation?: number };
        readonly status?: Document["status"] & { readonly observedGeneration?: number };
      };
      const ready = status?.conditions?.find(({ type }) => type === "Ready");
      return ready?.status === "True" && status?.observedGeneration === metadata?.generation;
    },
    10,
  );
}
