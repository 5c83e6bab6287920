import { readFileSync } from "node:fs";
import { usage } from "../failure.ts";

/** The text of a file that an option names. Throws a usage failure when it cannot be read. */
export function textOfFile(option: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "" } = error as { readonly code?: string };
    throw usage(`${option} ${path} cannot be read: ${code}.`);
  }
}
