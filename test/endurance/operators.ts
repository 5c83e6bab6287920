import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../../src/main.ts");

/** One process of the operator that is started again when it ends, as a Pod's container is. */
export interface Supervised {
  /** Every run, the present one last. */
  readonly runs: readonly Run[];
  /** Sends the present process a signal; it is started again when it ends. */
  kill(signal: NodeJS.Signals): boolean;
  stop(): Promise<void>;
}

export interface Run {
  readonly who: string;
  readonly lines: readonly Line[];
  /** What it wrote that is no line of its log. */
  readonly noise: readonly string[];
  /** When it ended, in milliseconds since the epoch, and how; `undefined` while it runs. */
  readonly end: { readonly at: number; readonly code: number | null } | undefined;
  /** It was sent SIGKILL. */
  readonly isKilled: boolean;
}

export interface Line {
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

interface Recorded {
  readonly who: string;
  readonly lines: Line[];
  readonly noise: string[];
  end: Run["end"];
  isKilled: boolean;
}

export function supervise(who: string, flags: readonly string[], nodeFlags: readonly string[] = []): Supervised {
  const runs: Recorded[] = [];
  let child: ChildProcess;
  let isStopping = false;
  let onStopped: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (onStopped = resolve));
  const start = (): void => {
    const run: Recorded = { who, lines: [], noise: [], end: undefined, isKilled: false };
    runs.push(run);
    child = spawn(process.execPath, [...nodeFlags, MAIN, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    let rest = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      const parts = `${rest}${String(chunk)}`.split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) record(run, part);
    });
    child.stderr?.on("data", (chunk: Buffer) => run.noise.push(String(chunk)));
    child.once("exit", (code) => {
      run.end = { at: Date.now(), code };
      if (isStopping) onStopped();
      else start();
    });
  };
  start();
  return {
    runs,
    kill: (signal) => {
      const run = runs.at(-1);
      if (signal === "SIGKILL" && run !== undefined) run.isKilled = true;
      return child.kill(signal);
    },
    stop: async () => {
      if (!isStopping) child.kill("SIGTERM");
      isStopping = true;
      await stopped;
    },
  };
}

function record(run: Recorded, text: string): void {
  try {
    run.lines.push(JSON.parse(text) as Line);
  } catch {
    run.noise.push(text);
  }
}

interface Reign {
  readonly who: string;
  readonly from: number;
  readonly to: number;
}

/** From acquiring the lease to the end of the process. */
export function reignsOf(processes: readonly Supervised[]): readonly Reign[] {
  return processes
    .flatMap(({ runs }) => runs)
    .flatMap(({ who, lines, end }) => {
      const acquired = lines.find(({ msg }) => msg === "lease acquired");
      return acquired === undefined
        ? []
        : [{ who, from: Date.parse(acquired.time), to: end?.at ?? Number.POSITIVE_INFINITY }];
    })
    .toSorted((left, right) => left.from - right.from);
}

/** What must never be seen of any process. */
export function defectsOf(processes: readonly Supervised[]): readonly string[] {
  const runs = processes.flatMap((one) => one.runs);
  const said = runs.flatMap(({ who, lines, noise }) => [
    ...lines
      .filter(({ msg }) =>
        /unexpected error, exiting|reconciliation threw an exception|could not start|could not pass on/.test(msg),
      )
      .map((line) => `${who}: ${JSON.stringify(line)}`),
    ...noise.map((text) => `${who}: ${text}`),
  ]);
  const codes = runs
    .filter(({ end, isKilled }) => end !== undefined && !isKilled && end.code !== 0 && end.code !== 1)
    .map(({ who, end }) => `${who} ended with ${String(end?.code)}`);
  const reigns = reignsOf(processes);
  const doubled = reigns
    .filter((reign, index) => reigns.slice(0, index).some((earlier) => earlier.to > reign.from))
    .map((reign) => `two leaders: ${JSON.stringify(reign)} among ${JSON.stringify(reigns)}`);
  return [...said, ...codes, ...doubled];
}
