import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { startControlPlane } from "../../../control-plane/start.ts";
import { admin } from "../../integration/cluster.ts";
import { builtPrograms } from "../../integration/programs.ts";
import { createRandom, type Random } from "../random.ts";
import { defectsOf, type Replica } from "./replicas.ts";
import { setStage, type Stage } from "./stage.ts";
import { argumentsOf } from "../../../tools/arguments.ts";

/**
 * Three processes share six tenants, while everything is edited and one process after the other is killed, frozen for
 * longer than its Leases last, or told to stop. Afterwards the tenants' call logs must show that no tenant was ever called
 * by two at once, and nothing may be lost or doubled. `--minutes` (10) says how long, `--seed` (of the clock) which
 * chances. Exit code 1 when something is wrong.
 */
const USAGE = `usage: npm run test:shards -- [--minutes N] [--seed N]

  --minutes N  for how long. Default: 10
  --seed N     which chances. Default: of the clock`;
const { values } = argumentsOf(USAGE, { minutes: { type: "string" }, seed: { type: "string" } });
const minutes = Number(values.minutes ?? "10");
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const TENANTS = 6;
const SETTLE_MS = 5000;
const SETTLING_MS = 120_000;

const startedAt = Date.now();
const say = (line: string): void => {
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}`);
};

const DEEDS = ["SIGKILL", "SIGSTOP", "SIGTERM"] as const;

/** Does its worst to one process at a time, and sometimes to two, until aborted. Resolves with how often. */
async function strike(
  replicas: readonly Replica[],
  random: Random,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const done: Record<string, number> = {};
  while (!signal.aborted) {
    await delay(random.between(2000, 15_000));
    const first = random.pick(replicas);
    const others = replicas.filter((one) => one !== first);
    const struck = random.next() < 0.3 ? [first, random.pick(others)] : [first];
    await Promise.all(struck.map((replica) => strikeOne(replica, random, done)));
  }
  return done;
}

async function strikeOne(replica: Replica, random: Random, done: Record<string, number>): Promise<void> {
  const deed = random.pick(DEEDS);
  const frozenMs = random.between(12_000, 25_000);
  done[deed] = (done[deed] ?? 0) + 1;
  say(`${deed} to ${replica.current().who}`);
  const ended = replica.ended();
  replica.signal(deed);
  if (deed === "SIGSTOP") {
    await delay(frozenMs);
    replica.signal("SIGCONT");
  }
  await Promise.race([ended, delay(40_000)]);
}

async function calm(stage: Stage): Promise<readonly string[]> {
  const deadline = Date.now() + SETTLING_MS;
  for (;;) {
    const left = await stage.differences().catch((error: unknown) => [String(error)]);
    if (left.length === 0 || Date.now() > deadline) return left;
    await delay(1000);
  }
}

async function share(program: string): Promise<readonly string[]> {
  const random = createRandom(seed);
  const controlPlane = await startControlPlane({ crds: join(import.meta.dirname, "../../../crds") });
  const cluster = admin(controlPlane.kubeconfig);
  const namespaces = Array.from({ length: TENANTS }, (_, index) => `shards-${String(index)}`);
  for (const name of namespaces) await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  const own = ["--instance-id", "sharded", "--namespace", "default", "--kubeconfig", controlPlane.kubeconfig];
  const stage = await setStage({
    ...{ cluster, random, namespaces, latencyMs: 100 },
    ...{ args: [program, ...own], replicas: ["a", "b", "c"] },
  });
  try {
    await stage.edits.begin();
    const atFirst = await calm(stage);
    say(`everything is there; now ${String(minutes)} minutes of edits, kills and freezes`);
    const over = AbortSignal.timeout(minutes * 60_000);
    const [done, edited] = await Promise.all([strike(stage.replicas, random, over), stage.edits.run(over)]);
    say(`${String(edited)} edits among ${JSON.stringify(done)}`);
    const left = await calm(stage);
    const objections = stage.objections(SETTLE_MS);
    say(`${summaryOf(stage)}; ${String(left.length)} differences, ${String(objections.length)} objections`);
    const unknown = stage.calls.filter(({ who }) => who === "nobody").map(({ what }) => `nobody's: ${what}`);
    return [...atFirst, ...left, ...objections, ...unknown, ...defectsOf(stage.replicas)];
  } finally {
    await stage.end();
    await cluster.close();
    await controlPlane.stop();
  }
}

function summaryOf({ calls, replicas }: Stage): string {
  const runs = replicas.flatMap((one) => one.runs).length;
  const byTenant = Map.groupBy(calls, ({ tenant }) => tenant);
  const changes = [...byTenant.values()].map((own) => {
    const sorted = own.toSorted((one, other) => one.from - other.from);
    return sorted.filter(({ who }, index) => index > 0 && sorted[index - 1]?.who !== who).length;
  });
  return `${String(calls.length)} calls by ${String(runs)} runs, changes of hands by tenant: ${changes.join(", ")}`;
}

say(`seed ${String(seed)}`);
const { operator: program } = await builtPrograms();
const problems = await share(program);
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? "No tenant was called by two at once, nothing was lost or doubled." : "FAILED");
process.exit(problems.length === 0 ? 0 : 1);
