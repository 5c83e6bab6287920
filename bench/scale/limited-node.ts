import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../demo/environment.ts";
import type { MemoryLimit } from "./memory-limit.ts";

/**
 * What the image sets in the environment. A bundle of another commit may have the Dockerfile of that commit beside it,
 * which then says the flags that it ran with.
 */
function imageEnvironment(bundle: string): Readonly<Record<string, string>> {
  const own = join(bundle, "Dockerfile");
  const text = readFileSync(existsSync(own) ? own : join(ROOT, "Dockerfile"), "utf8");
  const options = /NODE_OPTIONS="([^"]*)"/.exec(text)?.[1];
  if (options === undefined) throw new Error("the Dockerfile does not set NODE_OPTIONS");
  return { NODE_ENV: "production", NODE_OPTIONS: options };
}

/** Starts a program as the image starts the operator's: the same Node, flags and memory limit. */
export function startLimitedNode(
  { bundle, limit }: { readonly bundle: string; readonly limit: MemoryLimit },
  args: readonly string[],
  stdio: StdioOptions,
): ChildProcess {
  // The shell joins the group and then becomes Node, so that Node finds its limit when it starts.
  const joining = limit.processes === undefined ? "" : `echo $$ > ${limit.processes} && `;
  const command = [process.execPath, ...limit.nodeFlags, ...args];
  const env = imageEnvironment(bundle);
  const child = spawn("sh", ["-c", `${joining}exec "$@"`, "sh", ...command], { stdio, env });
  process.once("exit", () => child.kill("SIGKILL"));
  return child;
}
