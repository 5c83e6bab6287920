import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Path of the installed Chromium. Throws a message that says how to install it. */
export function chromiumPath(env: Readonly<Record<string, string | undefined>>): string {
  const folders = (env["PATH"] ?? "").split(delimiter).concat("/usr/bin");
  const candidates = [env["CHROMIUM"] ?? "", ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))];
  const found = candidates.find((path) => path !== "" && existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    "Chromium was not found. Install it (Debian: apt-get install chromium), or set CHROMIUM to the path of the program.",
  );
}

/** Starts Chromium without a window. */
export async function launchBrowser(executablePath: string): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...(isRoot ? ["--no-sandbox"] : [])] });
}
