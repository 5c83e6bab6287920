import { annotate, type AnyResource, findResource, readResource } from "../cluster/objects.ts";
import { follow, type Outcome } from "../cluster/follow.ts";
import { nameOf, type Target } from "../cluster/kinds.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Progress } from "../progress.ts";
import { type Format, objectText } from "../terminal/formats.ts";
import type { Session } from "./services.ts";
import type { WaitOptions } from "./wait-options.ts";

/** Options of every command that sets an annotation. */
export interface RequestOptions extends WaitOptions {
  readonly output: Format;
}

/** A request by annotation, and how to see that the operator carried it out. */
export interface AnnotationRequest<R extends AnyResource> {
  readonly target: Target;
  readonly annotations: Readonly<Record<string, string | null>>;
  /** What was requested, for people, as a sentence. */
  readonly requested: string;
  readonly progressOf: (resource: R) => Progress;
  /** For a deletion: how it ended, once the object is gone. Elsewhere an object that is gone is a failure. */
  readonly whenGone?: string;
}

/** Sets the annotation, and waits for the operator where `--wait` asks for that. */
export async function request<R extends AnyResource>(
  session: Session,
  { target, annotations, requested, progressOf, whenGone }: AnnotationRequest<R>,
  options: RequestOptions,
): Promise<ExitCode> {
  const { cluster, terminal } = session;
  const annotated = await annotate<R>(cluster, target, annotations);
  const name = nameOf(annotated.kind, annotated.metadata);
  const { output } = options;
  if (output === "table") terminal.print(`${name}: ${requested}`);
  if (options.wait !== true) {
    if (output !== "table") terminal.print(objectText(annotated, output));
    return EXIT.done;
  }
  const onNews = (text: string): void => {
    terminal.note(text);
  };
  const read = () => (whenGone === undefined ? readResource<R>(cluster, target) : findResource<R>(cluster, target));
  const progress = (seen: R | undefined): Progress =>
    seen === undefined ? { state: "done", text: whenGone ?? "" } : progressOf(seen);
  const outcome = await follow<R | undefined>(read, progress, { timeoutMs: options.timeout, onNews });
  return ended(session, name, outcome, options);
}

/** Says how the wait ended. */
function ended<R extends AnyResource>(
  { terminal }: Session,
  name: string,
  { ended: how, progress, seen }: Outcome<R | undefined>,
  { output }: RequestOptions,
): ExitCode {
  if (output !== "table" && seen !== undefined) terminal.print(objectText(seen, output));
  if (how === "done") {
    if (output === "table") terminal.print(`${name}: ${progress.text}`);
    return EXIT.done;
  }
  const why = how === "timedOut" ? "the timeout passed" : "it needs you";
  terminal.note(`${terminal.alarm(`${name}: ${why}.`)} ${progress.text}`);
  return EXIT.notReady;
}
