import { spawn } from "node:child_process";

export interface ProgramRun {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What to say where the program is not installed. */
  readonly missing: string;
}

/** Runs a program to its end. Throws with the end of what it wrote to stderr unless it exits with 0. */
export function runProgram(command: string, args: readonly string[], { cwd, env, missing }: ProgramRun): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...env } });
    let tail = "";
    child.stderr.on("data", (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-2000);
    });
    child.on("error", () => {
      reject(new Error(missing));
    });
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(" ")} failed:\n${tail}`));
    });
  });
}
