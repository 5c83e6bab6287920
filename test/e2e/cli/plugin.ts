import { execFile, spawn } from "node:child_process";
import { controlPlane } from "../../integration/control-plane.ts";
import { pluginProgram } from "../../integration/programs.ts";

/** How a command line ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code. */
export function ran(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  timeout = 60_000,
): Promise<Ended> {
  return new Promise((resolve) => {
    const maxBuffer = 64 * 1024 * 1024;
    const options = { encoding: "utf8", timeout, maxBuffer, env: { ...process.env, ...env } } as const;
    execFile(file, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** The plugin as a process of its own. Default: as the administrator of the control plane. */
export const m2m = (
  args: readonly string[],
  kubeconfig: string = controlPlane().kubeconfig,
  timeout?: number,
): Promise<Ended> => ran(process.execPath, [pluginProgram(), ...args], { KUBECONFIG: kubeconfig }, timeout);

/** The plugin while it runs, as the administrator. */
export function watched(args: readonly string[]): { readonly output: () => string; readonly stop: () => void } {
  const env = { ...process.env, KUBECONFIG: controlPlane().kubeconfig };
  const child = spawn(process.execPath, [pluginProgram(), ...args], { env });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return { output: () => text, stop: () => child.kill() };
}
