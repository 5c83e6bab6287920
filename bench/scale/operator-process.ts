import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startLimitedNode } from "./limited-node.ts";
import type { MemoryLimit } from "./memory-limit.ts";

/** The bundle as a process of its own, with the flags of the image. */
export interface OperatorProcess {
  readonly pid: number;
  /** Where /metrics and /readyz are, without a slash at its end. */
  readonly url: string;
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
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the operator ended (${String(child.exitCode ?? child.signalCode)}); see ${logFile}`);
    await delay(20);
  }
}
