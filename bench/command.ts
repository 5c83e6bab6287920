import { nearestName } from "../src/ports/nearest-name.ts";
import type { Benchmark } from "./benchmarks.ts";

type Described = Readonly<Record<string, Pick<Benchmark, "what" | "minutes" | "isEstimate" | "whyNot">>>;

export interface Command {
  /** What is wrong with the command line; nothing runs when there is something. */
  readonly problems: readonly string[];
  readonly names: readonly string[];
  /** What will run, one line each with how long it takes. */
  readonly plan: readonly string[];
}

/** The one that has parts and takes a bundle. */
const HAS_PARTS = "scale";

/** Judges every name before the first benchmark runs. */
export function readCommand(
  asked: { readonly names: readonly string[]; readonly parts: readonly string[]; readonly bundle?: string },
  known: { readonly benchmarks: Described; readonly parts: readonly string[] },
): Command {
  const all = Object.keys(known.benchmarks);
  const impossible = (asked.names.length > 0 ? asked.names : all).flatMap((name) => {
    const why = known.benchmarks[name]?.whyNot?.();
    return why === undefined ? [] : [{ name, why }];
  });
  // One that nobody named is left out.
  const names =
    asked.names.length > 0 ? asked.names : all.filter((name) => !impossible.some((one) => one.name === name));
  const misspelt = [
    ...names.flatMap((name) => unknown("benchmark", name, all)),
    ...asked.parts.flatMap((part) => unknown("part", part, known.parts)),
    ...impossible.flatMap(({ name, why }) => (names.includes(name) ? [`${name} cannot run here: ${why}`] : [])),
  ];
  const problems = misspelt.length > 0 ? misspelt : misplaced(asked, names);
  const minutes = names.reduce((sum, name) => sum + (known.benchmarks[name]?.minutes ?? 0), 0);
  const plan = [
    ...names.map((name) => line(name, known.benchmarks[name])),
    ...impossible.map(({ name, why }) => `  ${name.padEnd(14)} is left out: ${why}`),
    ...(names.length > 1 ? [`together about ${String(minutes)} minutes`] : []),
  ];
  return { problems, names, plan };
}

function misplaced(
  { parts, bundle }: { readonly parts: readonly string[]; readonly bundle?: string },
  names: readonly string[],
): readonly string[] {
  if ((parts.length === 0 && bundle === undefined) || names.includes(HAS_PARTS)) return [];
  return [`--part and --bundle are of ${HAS_PARTS}, which is not among the benchmarks that will run`];
}

function unknown(what: string, name: string, known: readonly string[]): readonly string[] {
  if (known.includes(name)) return [];
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? `there are: ${known.join(", ")}` : `did you mean ${nearest}?`;
  return [`there is no ${what} ${name}; ${hint}`];
}

function line(name: string, benchmark: Described[string] | undefined): string {
  const { minutes = 0, isEstimate = false, what = "" } = benchmark ?? {};
  return `  ${name.padEnd(14)} about ${String(minutes).padStart(2)} min${isEstimate ? ", estimated" : ""}  ${what}`;
}

export function usageOf(benchmarks: Described, parts: readonly string[]): string {
  return [
    "usage: npm run bench -- [NAME …] [--json FILE] [--part PART …] [--bundle DIR] [--without-lease]",
    "",
    "Without a name all of them run, one after the other:",
    ...Object.entries(benchmarks).map(([name, benchmark]) => line(name, benchmark)),
    "",
    "  --json FILE      also writes each figure as a line of JSON",
    `  --part PART      of scale only this part: ${parts.join(", ")}`,
    "  --bundle DIR     scale measures the bundle in this folder in place of one that it builds from the source",
    "  --without-lease  scale and keycloak run the operator without leader election, for a machine that is busy with other things",
  ].join("\n");
}
