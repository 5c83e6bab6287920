import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startLimitedNode } from "./limited-node.ts";
import type { MemoryLimit } from "./memory-limit.ts";

/** The bundle as a process of its own, with the flags of the image. */
export interface OperatorProcess {
  readonly pid: number;
  /** Where /metrics and /readyz are, without a slash at its end. */
  readonly url: string;
  /** How it ended, with the end of its log, when it did so by itself; `undefined` while it runs. */
  ended(): string | undefined;
  /** Ends it as Kubernetes does. */
  stop(): Promise<void>;
}

export interface OperatorSettings {
  /** Folder of the bundle. */
  readonly bundle: string;
  readonly limit: MemoryLimit;
  /** The operator's own, beside --http-address. */
  readonly flags: readonly string[];
  readonly logFile: string;
}

/** Resolves as soon as it says where its metrics are: its caches are filled then. */
export async function startOperatorProcess(settings: OperatorSettings): Promise<OperatorProcess> {
  const { bundle, limit, flags, logFile } = settings;
  const args = [join(bundle, "main.js"), ...flags, "--http-address", "127.0.0.1:0"];
  const child = startLimitedNode({ bundle, limit }, args, ["ignore", "pipe", "inherit"]);
  const port = await portIn(child, logFile);
  return {
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    ended: () => endOf(child, logFile),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function portIn(child: ChildProcess, logFile: string): Promise<string> {
  let log = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
    writeFileSync(logFile, chunk, { flag: "a" });
  });
  for (;;) {
    const port = /"(?:metricsPort|port)":(\d+)/.exec(log)?.[1];
    if (port !== undefined) return port;
    const end = endOf(child, logFile);
    if (end !== undefined) throw new Error(end);
    await delay(20);
  }
}

const TOLD_LINES = 5;

function endOf({ exitCode, signalCode }: ChildProcess, logFile: string): string | undefined {
  const how = exitCode ?? signalCode;
  if (how === null) return undefined;
  const log = existsSync(logFile) ? readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-TOLD_LINES) : [];
  return [`the operator ended by itself (${String(how)}); the end of ${logFile}:`, ...log].join("\n");
}
