import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export const AUDIENCE = "https://invoices.example.com/";
export const SCOPES = "read:invoices write:invoices";
/** What creates an API and a client in the simulated tenants. */
export const ACCESS: readonly string[] = ["--audience", AUDIENCE, "--scopes", SCOPES];

/** A started process that prints where its setup server is. */
export interface SandboxProcess {
  /** URL of the setup server, with a slash at the end. */
  readonly setup: string;
  stop(): Promise<void>;
}

/** Starts the simulated tenants as a process of their own. Resolves when they are ready. */
export async function startSandboxProcess(command: string, args: readonly string[]): Promise<SandboxProcess> {
  // A group of its own, which gets the signal as from a terminal: npx does not hand it on.
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  return {
    setup: await setupOf(child),
    stop: () => stopped(child, (signal) => process.kill(-(child.pid ?? 0), signal)),
  };
}

/** Reads the setup server's URL from what the process prints. */
export async function setupOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the process has no output");
  for await (const line of createInterface(child.stdout)) {
    const setup = /^Setup: (\S+)$/.exec(line)?.[1];
    if (setup !== undefined) {
      child.stdout.resume();
      return setup;
    }
  }
  throw new Error("the sandbox ended before it was ready");
}

/** Stops it as Ctrl-C does, and waits until it has ended. */
export async function stopped(
  child: ChildProcess,
  send: (signal: "SIGINT") => boolean = (signal) => child.kill(signal),
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  send("SIGINT");
  await ended;
}
