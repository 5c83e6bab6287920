import { createPrivateKey } from "node:crypto";
import { Option } from "commander";
import { usage } from "../failure.ts";
import { textOfFile } from "./file-option.ts";

/** `--private-key` of a command that requests tokens. */
export const keyOption = (): Option =>
  new Option("--private-key <file>", "Private key in PEM, for a client with publicKeys. It never leaves this machine.");

/** The key in PEM. `undefined` without the option. */
export function keyText(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const text = textOfFile("--private-key", path);
  try {
    createPrivateKey(text);
    return text;
  } catch {
    throw usage(`--private-key ${path} is not a private key in PEM without a passphrase.`);
  }
}
