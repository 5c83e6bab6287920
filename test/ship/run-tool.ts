import { execFile } from "node:child_process";
import { ensureTool, type Tool } from "../../tools/ensure-tool.ts";

export interface ToolRun {
  readonly code: number;
  /** What it wrote, errors after output. */
  readonly output: string;
}

/** Runs a tool of the pinned version to its end, whatever its exit code is. */
export async function runTool(tool: Tool, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ToolRun> {
  const path = await ensureTool(tool, (line) => {
    console.log(line);
  });
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(path, [...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}
