import { type Command, InvalidArgumentError, Option } from "commander";
import { durationMs } from "../../src/kinds/schema/duration.ts";

/** Options of a command that can wait. */
export interface WaitOptions {
  readonly wait?: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Parses a duration of the command line. */
export function timeoutMs(text: string): number {
  const ms = durationMs(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("Write a duration such as 90s, 5m or 1h30m.");
  return ms;
}

/** Adds `--wait` and `--timeout`. `what`: what the command waits for, as the end of a sentence. */
export function withWaiting(command: Command, what: string, longest = "5m"): Command {
  const timeout = new Option("--timeout <duration>", "Maximum time to wait, for example 90s or 1h. Implies --wait.")
    .argParser(timeoutMs)
    .default(durationMs(longest), longest)
    .implies({ wait: true });
  return command.option("--wait", `Wait until ${what}.`).addOption(timeout);
}
