import { arm, type Armed } from "./arm.ts";
import type { Case } from "./cases.ts";
import { exceptionFor } from "./exceptions.ts";
import { holdingsOf } from "./holdings.ts";
import { liesIn, problemsOf, settled, stalledIn, tokenProblemsOf } from "./judge.ts";
import type { Lane } from "./lane.ts";
import { createLives, type Life, type Wanted } from "./lives.ts";
import { quiet, record, type Recording } from "./record.ts";
import { KINDS, nameOf, type Wish } from "./resources.ts";
import { textOf } from "./steps.ts";

/** What came of one case. */
export interface Outcome {
  /** `asked`: it was Stalled, as is documented, until somebody requested a refresh. */
  readonly kind: "survived" | "asked" | "failed" | "not met";
  readonly problems: readonly string[];
  /** What the operator logged meanwhile. */
  readonly log: readonly string[];
  /** Requests beyond those of the undisturbed life. */
  readonly extra: number;
  /** From the change until all was as wanted, in milliseconds. */
  readonly tookMs: number;
}

/** Auth0 takes half a minute until everybody knows a new credential, and the operator waits for it. */
const UNDISTURBED_MS = 90_000;
/** How much longer than without a fault; the API server's timeout of fifteen seconds fits into it. */
const LONGER_MS = 60_000;
/** How long somebody waits before requesting a refresh of what is Stalled. */
const PATIENCE_MS = 1500;
/** More requests than this beyond a few times the undisturbed life are a hot loop. */
const bound = (undisturbed: number): number => undisturbed * 2 + 40;

/** What stands in a lane and can live a life again. */
export interface Standing {
  readonly life: Life;
  readonly wish: Wish;
}

export const LIVES: readonly Life[] = createLives(async (lane, wanted) => {
  const problems = await settled(() => problemsOf(lane, wanted), UNDISTURBED_MS);
  if (problems.length > 0) throw new Error(`without any fault: ${problems.join("; ")}`);
});

/** Lives one life without any fault. Answers what happened, and what stands afterwards. */
export async function undisturbed(
  lane: Lane,
  life: Life,
  standing?: Standing,
): Promise<{ readonly recording: Recording; readonly standing: Standing | undefined }> {
  const wish = standing?.wish ?? (await life.before(lane));
  await quiet(lane);
  const recorder = record(lane);
  const wanted = await life.change(lane, wish);
  const startedAt = Date.now();
  const settledProblems = await settled(() => problemsOf(lane, wanted), UNDISTURBED_MS);
  const tookMs = Date.now() - startedAt;
  await quiet(lane);
  const recording = { ...recorder.stop(), tookMs };
  const problems = [...settledProblems, ...(await tokenProblemsOf(lane, wanted))];
  if (problems.length > 0) throw new Error(`${life.name}, without any fault: ${problems.join("; ")}`);
  return { recording, standing: await after(lane, life, wish) };
}

/** Lives one life while one step of it fails, and judges everything. */
export async function disturbed(
  lane: Lane,
  life: Life,
  one: Case,
  standing: Standing | undefined,
): Promise<{ readonly outcome: Outcome; readonly standing: Standing | undefined }> {
  const wish = standing?.wish ?? (await life.before(lane));
  await quiet(lane);
  lane.sayings.length = 0;
  const recorder = record(lane);
  const armed = arm(lane, one.step, one.fault, one.times);
  const startedAt = Date.now();
  const wanted = await life.change(lane, wish);
  const lies = liesWhile(lane, wanted);
  const { problems, wasAsked } = await endOf(lane, wanted, armed, one.undisturbed.tookMs + LONGER_MS);
  lies.stop();
  const tookMs = Date.now() - startedAt;
  const extra = recorder.stop().requests - one.undisturbed.requests;
  armed.disarm();
  const all = [
    ...problems,
    ...lies.found,
    ...stalledProblems(lane, one),
    ...(extra > bound(one.undisturbed.requests) ? [`${String(extra)} requests more than without a fault`] : []),
    ...(await settled(() => tokenProblemsOf(lane, wanted), problems.length > 0 ? 0 : 3000)),
  ];
  const kind = all.length > 0 ? "failed" : !armed.isMet() ? "not met" : wasAsked ? "asked" : "survived";
  const log = kind === "failed" ? loggedSince(lane, startedAt) : [];
  const outcome: Outcome = { kind, problems: all, log, extra, tookMs };
  return { outcome, standing: kind === "failed" ? undefined : await after(lane, life, wish) };
}

const loggedSince = ({ operator }: Lane, sinceMs: number): readonly string[] =>
  operator.runs
    .flatMap(({ lines }) => lines)
    .filter(({ time }) => Date.parse(time) >= sinceMs)
    .map((line) => JSON.stringify(line));

/** Everything that status said that was not so at that moment. */
function liesWhile(lane: Lane, wanted: Wanted): { readonly found: string[]; stop(): void } {
  const found: string[] = [];
  let heard = lane.sayings.length;
  const listener = (): void => {
    for (const saying of lane.sayings.slice(heard))
      found.push(...liesIn(saying, holdingsOf(lane.vendor, lane.sandbox), wanted));
    heard = lane.sayings.length;
  };
  lane.listeners.add(listener);
  return { found, stop: () => lane.listeners.delete(listener) };
}

/** Waits for the end; requests a refresh of what has been Stalled for a while. */
async function endOf(
  lane: Lane,
  wanted: Wanted,
  armed: Armed,
  withinMs: number,
): Promise<{ readonly problems: readonly string[]; readonly wasAsked: boolean }> {
  let stalledSince: number | undefined;
  let wasAsked = false;
  const look = async (): Promise<readonly string[]> => {
    const problems = await problemsOf(lane, wanted);
    if (problems.length > 0 && stalledIn(lane.sayings).length > 0) stalledSince ??= Date.now();
    if (problems.length > 0 && !wasAsked && Date.now() - (stalledSince ?? Infinity) > PATIENCE_MS) {
      wasAsked = true;
      armed.disarm();
      await askForLooks(lane, wanted.n);
    }
    return problems;
  };
  return { problems: await settled(look, withinMs), wasAsked };
}

async function askForLooks(lane: Lane, n: number): Promise<void> {
  const metadata = { annotations: { "m2m-operator.io/reconcile-requested-at": `stalled-${String(n)}` } };
  const ask = (kind: string, name: string): Promise<unknown> =>
    lane.cluster.patch(kind, lane.namespace, name, { metadata }).catch(() => undefined);
  await Promise.all([ask("IdentityProvider", "tenant"), ...KINDS.map((kind) => ask(kind, nameOf(kind, n)))]);
}

function stalledProblems(lane: Lane, { fault, times }: Case): readonly string[] {
  const reasons = new Map(stalledIn(lane.sayings).map(({ reason, message }) => [reason, message]));
  return [...reasons]
    .filter(([reason]) => exceptionFor(fault.name, times, reason) === undefined)
    .map(([reason, message]) => `it was Stalled: ${reason}, ${message}`);
}

/** What stands for the next case, or nothing: then everything is removed again. */
async function after(lane: Lane, life: Life, wish: Wish): Promise<Standing | undefined> {
  const next = life.again?.(wish);
  if (next !== undefined) return { life, wish: next };
  await removed(lane, wish.n);
  return undefined;
}

/** Removes what a case left, undisturbed; throws when something stays. */
export async function removed(lane: Lane, n: number): Promise<void> {
  for (const kind of KINDS) await lane.cluster.remove(kind, lane.namespace, nameOf(kind, n));
  const wanted: Wanted = { n, holdings: lane.baseline, present: new Map() };
  const problems = await settled(() => problemsOf(lane, wanted), UNDISTURBED_MS);
  if (problems.length > 0) throw new Error(`removed afterwards, without any fault: ${problems.join("; ")}`);
}

export const titleOf = ({ step, fault, times }: Case): string =>
  `${textOf(step)}: ${fault.name}${times === 1 ? "" : ` x${String(times)}`}`;
