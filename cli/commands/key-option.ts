import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { Option } from "commander";
import { usage } from "../failure.ts";

/** `--private-key` of a command that requests tokens. */
export const keyOption = (): Option =>
  new Option("--private-key <file>", "Private key in PEM, for a client with publicKeys. It never leaves this machine.");

/** The text of a file that an option names. Throws a usage failure when it cannot be read. */
export function fileText(option: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "" } = error as { readonly code?: string };
    throw usage(`${option} ${path} cannot be read: ${code}.`);
  }
}

/** The key in PEM. `undefined` without the option. */
export function keyText(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const text = fileText("--private-key", path);
  try {
    createPrivateKey(text);
    return text;
  } catch {
    throw usage(`--private-key ${path} is not a private key in PEM without a passphrase.`);
  }
}
