import { type ChildProcess, spawn } from "node:child_process";
import type { Line } from "../operators.ts";
import { rememberedProcess } from "../../integration/running-operators.ts";
import type { CallerProxy, Callers } from "./callers.ts";

/** One of several processes of the operator. It is started again when it ends, as a Pod's container is. */
export interface Replica {
  readonly name: string;
  /** Every run, the present one last. */
  readonly runs: readonly ReplicaRun[];
  /** The present run. */
  current(): ReplicaRun;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the present run has ended. */
  ended(): Promise<void>;
  stop(): Promise<void>;
}

export interface ReplicaRun {
  readonly who: string;
  readonly lines: readonly Line[];
  readonly noise: readonly string[];
  readonly end: { readonly at: number; readonly code: number | null } | undefined;
}

type Recorded = { -readonly [K in keyof ReplicaRun]: ReplicaRun[K] } & { lines: Line[]; noise: string[] };

export interface ReplicaOptions {
  readonly name: string;
  /** Arguments of Node, the program first. */
  readonly args: readonly string[];
  readonly callers: Callers;
  /** Ends without notice, and freezes: told as they happen. */
  readonly onBlow: (run: ReplicaRun, at: number) => void;
}

/** What of our own environment would lead around the proxy. */
const OTHER_WAYS = ["NO_PROXY", "no_proxy", "HTTPS_PROXY", "https_proxy"];

export async function startReplica({ name, args, callers, onBlow }: ReplicaOptions): Promise<Replica> {
  const runs: Recorded[] = [];
  const proxies: CallerProxy[] = [];
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !OTHER_WAYS.includes(key)));
  let child: ChildProcess | undefined;
  let isStopping = false;
  let ended = Promise.withResolvers<void>();
  const start = async (): Promise<void> => {
    const who = `${name}${String(runs.length + 1)}`;
    const run: Recorded = { who, lines: [], noise: [], end: undefined };
    const proxy = await callers.proxy(() => who);
    proxies.push(proxy);
    runs.push(run);
    child = rememberedProcess(
      spawn(process.execPath, [...args, "--https-proxy", proxy.url], { env, stdio: ["ignore", "pipe", "pipe"] }),
    );
    record(child, run);
    child.once("exit", (code) => {
      run.end = { at: Date.now(), code };
      ended.resolve();
      ended = Promise.withResolvers();
      if (!isStopping) void start();
    });
  };
  await start();
  const current = (): Recorded => {
    const run = runs.at(-1);
    if (run === undefined) throw new Error(`${name} never ran`);
    return run;
  };
  return {
    name,
    runs,
    current,
    signal: (signal) => {
      if (signal === "SIGKILL" || signal === "SIGSTOP") onBlow(current(), Date.now());
      child?.kill(signal);
    },
    ended: () => ended.promise,
    stop: async () => {
      isStopping = true;
      const over = ended.promise;
      if (child?.exitCode === null && child.signalCode === null) {
        child.kill("SIGCONT");
        child.kill("SIGTERM");
        await over;
      }
      for (const proxy of proxies) await proxy.close();
    },
  };
}

function record(child: ChildProcess, run: Recorded): void {
  let rest = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    const parts = `${rest}${String(chunk)}`.split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts)
      try {
        run.lines.push(JSON.parse(part) as Line);
      } catch {
        run.noise.push(part);
      }
  });
  child.stderr?.on("data", (chunk: Buffer) => run.noise.push(String(chunk)));
}

/** What must never be seen of any process. */
export function defectsOf(replicas: readonly Replica[]): readonly string[] {
  return replicas
    .flatMap(({ runs }) => runs)
    .flatMap(({ who, lines, noise, end }) => [
      ...lines
        .filter(({ msg }) =>
          /unexpected error, exiting|reconciliation threw an exception|could not start|could not pass on/.test(msg),
        )
        .map((line) => `${who}: ${JSON.stringify(line)}`),
      ...noise.map((text) => `${who}: ${text}`),
      ...(end === undefined || end.code === null || end.code <= 1 ? [] : [`${who} ended with ${String(end.code)}`]),
    ]);
}

/** Shards that a run worked on at this time, as it said itself. */
export function shardsAt({ lines }: ReplicaRun, at: number): ReadonlySet<number> {
  const shards = new Set<number>();
  for (const { msg, time, shard } of lines) {
    if (typeof shard !== "number" || Date.parse(time) > at) continue;
    if (msg === "working on the shard") shards.add(shard);
    if (msg === "left the shard") shards.delete(shard);
  }
  return shards;
}
