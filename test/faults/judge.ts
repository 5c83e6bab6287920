import { setTimeout as delay } from "node:timers/promises";
import { REASONS } from "../../src/kinds/status/reasons.ts";
import { tokenOnce } from "../e2e/rotation/workload.ts";
import { type AnyObject, conditionOf } from "../integration/cluster.ts";
import { holdingsOf } from "./holdings.ts";
import type { Lane } from "./lane.ts";
import type { Wanted } from "./lives.ts";
import { generationOf, kindOf, KINDS, type KindName, nameOf } from "./resources.ts";
import { type SaidCondition, type Saying, saidReady } from "./sayings.ts";

/** What is not as wanted in the cluster and at the tenant; nothing when all is. */
export async function problemsOf(lane: Lane, wanted: Wanted): Promise<readonly string[]> {
  const objects = await Promise.all(
    KINDS.map((kind) => lane.cluster.get(kind, lane.namespace, nameOf(kind, wanted.n))),
  );
  return [
    ...KINDS.flatMap((kind, index) => ofObject(kind, objects[index], wanted.present.get(kind))),
    ...ofRotation(objects[KINDS.indexOf("M2MClient")], wanted),
    ...differences(wanted.holdings, holdingsOf(lane.vendor, lane.sandbox)),
  ];
}

function ofObject(kind: KindName, object: AnyObject | undefined, generation: number | undefined): readonly string[] {
  if (generation === undefined) return object === undefined ? [] : [`${kind} is still there: ${saidOf(object)}`];
  if (object === undefined) return [`${kind} is gone`];
  const isReady =
    conditionOf(object, "Ready")?.status === "True" && object.status?.["observedGeneration"] === generationOf(object);
  return isReady ? [] : [`${kind} is not Ready: ${saidOf(object)}`];
}

const saidOf = (object: AnyObject): string => {
  const ready = conditionOf(object, "Ready");
  return `${ready?.reason ?? "nothing said"}, ${ready?.message ?? ""}`;
};

function ofRotation(client: AnyObject | undefined, { replaced }: Wanted): readonly string[] {
  if (replaced === undefined) return [];
  const credentials = (client?.status?.["credentials"] ?? []) as readonly { readonly id: string; state: string }[];
  const [only] = credentials;
  const isOver = credentials.length === 1 && only?.state === "Current" && only.id !== replaced;
  return isOver ? [] : [`the rotation is not over: ${credentials.map(({ state }) => state).join(", ")}`];
}

function differences(wanted: readonly string[], found: readonly string[]): readonly string[] {
  const left = [...found];
  const missing = wanted.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  return [...missing.map((line) => `the tenant lacks: ${line}`), ...left.map((line) => `the tenant has: ${line}`)];
}

/** What a workload gets with its Secret, and with what it had before. */
export async function tokenProblemsOf(lane: Lane, { n, present, refused }: Wanted): Promise<readonly string[]> {
  if (!present.has("ScopeGrant")) return [];
  const { caPem } = lane.sandbox;
  const refusal = await tokenOnce((await lane.cluster.secret(lane.namespace, nameOf("M2MClient", n))) ?? {}, caPem);
  const worksStill = refused !== undefined && (await tokenOnce(refused, caPem)) === undefined;
  return [
    ...(refusal === undefined ? [] : [`the Secret gets no token: ${refusal}`]),
    ...(worksStill ? ["the old credential works still"] : []),
  ];
}

/** Looks until nothing is wrong any more; what is left when the time is over. */
export async function settled(look: () => Promise<readonly string[]>, withinMs: number): Promise<readonly string[]> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const problems = await look().catch((error: unknown) => [String(error)]);
    if (problems.length === 0 || Date.now() > deadline) return problems;
    await delay(60);
  }
}

/** Credentials change under a client that stays Ready, and the lifetime of tokens belongs to another object at some. */
const BARE: Readonly<Record<KindName, (line: string) => readonly string[]>> = {
  OAuthApi: (line) => (line.startsWith("API ") ? [line] : []),
  M2MClient: (line) => (line.startsWith("client ") ? [line.replace(/ with \d+ \w+$/, "")] : []),
  ScopeGrant: (line) => (line.startsWith("grant ") ? [line.replace(/ for \d+ s$/, "")] : []),
};

/** What status must never say: a word that is not documented, or Ready of what the tenant has not. */
export function liesIn(saying: Saying, holdings: readonly string[], wanted: Wanted): readonly string[] {
  const unknown = saying.conditions
    .filter(({ reason }) => !Object.hasOwn(REASONS, reason))
    .map(({ reason }) => `the reason ${reason} is not documented`);
  const kind = kindOf(saying.of);
  const isOfWanted =
    kind !== undefined &&
    saying.name === nameOf(kind, wanted.n) &&
    saying.observedGeneration === wanted.present.get(kind);
  if (!isOfWanted || !saidReady(saying)) return unknown;
  const bare = (lines: readonly string[]): readonly string[] => lines.flatMap(BARE[kind]);
  return [
    ...unknown,
    ...differences(bare(wanted.holdings), bare(holdings))
      .filter((line) => line.includes("lacks"))
      .map((line) => `${kind} was said to be Ready while ${line}`),
  ];
}

export const stalledIn = (sayings: readonly Saying[]): readonly SaidCondition[] =>
  sayings.flatMap(({ conditions }) => conditions.filter(({ type, status }) => type === "Stalled" && status === "True"));
