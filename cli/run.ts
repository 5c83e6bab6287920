import { CommanderError } from "commander";
import { masked } from "../src/oauth/masked.ts";
import { completionAnswer } from "./completion/answer.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { createProgram } from "./program.ts";
import { processTerminal, type Terminal } from "./terminal/terminal.ts";

/** The first word when kubectl asks to complete the rest. */
const COMPLETE = "__complete";

/** Runs one command line. Returns the exit code. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  // Libraries that are loaded for a tenant use what Node.js deprecates. That is nothing to who runs a command.
  process.noDeprecation = true;
  const terminal = processTerminal();
  let code: ExitCode = EXIT.done;
  const finish = (ended: ExitCode): void => {
    code = ended;
  };
  try {
    const program = createProgram({ terminal, finish, now: () => new Date() });
    if (args[0] === COMPLETE) terminal.print(await completionAnswer(program, args.slice(1)));
    else await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return failed(terminal, error);
  }
}

function failed(terminal: Terminal, error: unknown): ExitCode {
  // The help and the version are no failure. Everything else commander has printed itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (!(error instanceof Failure)) return broken(terminal, error);
  terminal.note(`${terminal.alarm("Error:")} ${error.message}`);
  if (error.advice !== undefined) terminal.note(error.advice);
  return error.exitCode;
}

/** A defect of the plugin. Its stack would show pages of a bundle, so that only who asks for it gets it. */
function broken(terminal: Terminal, error: unknown): ExitCode {
  const told = error instanceof Error ? `${error.name}: ${error.message}` : "unknown";
  terminal.note(`${terminal.alarm("Error:")} ${masked(told)}`);
  terminal.note("This is a defect of the plugin. Report it with what M2M_DEBUG=true shows here.");
  if (process.env["M2M_DEBUG"] === "true" && error instanceof Error) terminal.note(masked(error.stack ?? ""));
  return EXIT.failed;
}
