import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/**
 * Flags and names on the command line of a program of this repository. `--help` prints the usage and ends the process. A
 * wrong flag ends it with code 2 and says what is wrong; so does a name where `names` is `none` (the default).
 */
export function argumentsOf<const O extends ParseArgsOptionsConfig>(
  usage: string,
  options: O,
  names: "none" | "any" = "none",
) {
  const read = () =>
    parseArgs({ options: { ...options, help: { type: "boolean" } }, allowPositionals: names === "any" } as const);
  try {
    const found = read();
    if ((found.values as { readonly help?: boolean }).help !== true) return found;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : "The flags cannot be read."}\n\n${usage}`);
    process.exit(2);
  }
  console.log(usage);
  process.exit(0);
}
