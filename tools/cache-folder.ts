import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export type Log = (line: string) => void;

export interface Preparation {
  /** Path below the cache. It holds the version: a folder is made once and never changed. */
  readonly folder: string;
  /** What it is called while others wait for it. */
  readonly title: string;
  readonly isComplete: (dir: string) => boolean;
  readonly work: (dir: string) => Promise<void>;
}

/** A lock that is older than this is a dead process's, whatever its process id says. */
const STALE_MS = 20 * 60_000;

/** `os-arch` of this machine, in Go's words. */
export const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;

/**
 * A folder in the user's cache (`XDG_CACHE_HOME`, default `~/.cache`) that `work` has filled. One process works, others
 * wait for it; what is already complete is returned at once.
 */
export async function preparedFolder({ folder, title, isComplete, work }: Preparation, log: Log): Promise<string> {
  const dir = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "m2m-operator", folder);
  if (isComplete(dir)) return dir;
  mkdirSync(dir, { recursive: true });
  const lock = join(dir, ".lock");
  while (!take(lock)) {
    if (isComplete(dir)) return dir;
    log(`another process is preparing ${title}; waiting`);
    await delay(10_000);
  }
  try {
    if (!isComplete(dir)) await work(dir);
    return dir;
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (isStale(lock)) rmSync(lock, { force: true });
    return false;
  }
}

/** Its process was killed, or it is too old to be anybody's. */
function isStale(lock: string): boolean {
  const touchedAt = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  if (touchedAt === undefined) return false;
  if (Date.now() - touchedAt > STALE_MS) return true;
  const holder = Number(readText(lock));
  // An empty file is one that is being written.
  return Number.isInteger(holder) && holder > 0 && !isRunning(holder);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
