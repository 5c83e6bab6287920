import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureBinaries } from "../../control-plane/binaries.ts";
import { ensureTool, type Tool } from "../../tools/ensure-tool.ts";

export const ROOT = join(import.meta.dirname, "../..");
export const CHART = join(ROOT, "charts/m2m-operator");

const silent = (): void => undefined;

/** What a tool of the pinned version writes. Throws with what it says when it fails. */
export async function runTool(tool: Tool, args: readonly string[], env: object = {}): Promise<string> {
  return run(await ensureTool(tool, silent), args, env);
}

export async function kubectl(...args: readonly string[]): Promise<string> {
  return run(join(await ensureBinaries(silent), "kubectl"), args, {});
}

async function run(path: string, args: readonly string[], env: object): Promise<string> {
  const { stdout } = await promisify(execFile)(path, [...args], {
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}
