import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** The kube-apiserver process behind a connection. */
export interface ApiServer {
  /** Ends it as a crash does. */
  kill(): void;
  /**
   * Starts it again with the same flags; it takes some seconds until it answers. Meanwhile some connection may have its
   * port for a moment: it tries again until it can listen.
   */
  revive(): Revived;
}

export interface Revived {
  /** Ends it permanently. */
  kill(): void;
}

/** Finds the process by the port it serves, as the kernel knows it. `host` is the connection's, with the port. */
export function apiServerOf(host: string): ApiServer {
  const { pid, command } = processOf(host.split(":")[1] ?? "");
  const [binary = "", ...args] = command;
  let isWanted = false;
  let revived: ChildProcess | undefined;
  const kill = (): void => {
    isWanted = false;
    if (revived === undefined) process.kill(pid, "SIGKILL");
    else revived.kill("SIGKILL");
  };
  const start = (): void => {
    if (!isWanted) return;
    const child = spawn(binary, args, { stdio: "ignore" });
    revived = child;
    child.once("exit", () => {
      if (revived === child) setTimeout(start, 200);
    });
  };
  return {
    kill,
    revive: () => {
      isWanted = true;
      start();
      return { kill };
    },
  };
}

function processOf(port: string): { readonly pid: number; readonly command: readonly string[] } {
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const command = commandOf(entry);
    if (command[0]?.endsWith("kube-apiserver") === true && command.some((part) => part.includes(`secure-port=${port}`)))
      return { pid: Number(entry), command };
  }
  throw new Error("no kube-apiserver is running");
}

function commandOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
      .split("\0")
      .filter((part) => part !== "");
  } catch {
    return [];
  }
}
