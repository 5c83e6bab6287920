import { EXIT, type ExitCode } from "./exit-codes.ts";

/** Why a command failed, and what to do about it. The plugin prints both and no stack trace. */
export class Failure extends Error {
  override readonly name = "Failure";
  /** What to do now. */
  readonly advice: string | undefined;
  readonly exitCode: ExitCode;

  constructor(message: string, advice?: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.advice = advice;
    this.exitCode = exitCode;
  }
}

/** The command line is wrong. */
export const usage = (message: string, advice?: string): Failure => new Failure(message, advice, EXIT.usage);
