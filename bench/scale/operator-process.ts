import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ROOT } from "../../demo/environment.ts";
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

/**
 * What the image sets in the environment. A bundle of another commit may have the Dockerfile of that commit beside it,
 * which then says the flags that it ran with.
 */
export function imageEnvironment(bundle: string): Readonly<Record<string, string>> {
  const own = join(bundle, "Dockerfile");
  const text = readFileSync(existsSync(own) ? own : join(ROOT, "Dockerfile"), "utf8");
  const options = /NODE_OPTIONS="([^"]*)"/.exec(text)?.[1];
  if (options === undefined) throw new Error("the Dockerfile does not set NODE_OPTIONS");
  return { NODE_ENV: "production", NODE_OPTIONS: options };
}

/** Resolves as soon as it says where its metrics are: its caches are filled then. */
export async function startOperatorProcess(settings: OperatorSettings): Promise<OperatorProcess> {
  const { bundle, limit, flags, logFile } = settings;
  const command = [process.execPath, ...limit.nodeFlags, join(bundle, "main.js"), ...flags];
  // The shell joins the group and then becomes Node, so that Node finds its limit when it starts.
  const join_ = limit.processes === undefined ? "" : `echo $$ > ${limit.processes} && `;
  const child = spawn("sh", ["-c", `${join_}exec "$@"`, "sh", ...command, "--http-address", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: imageEnvironment(bundle),
  });
  process.once("exit", () => child.kill("SIGKILL"));
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
