import { afterAll, beforeAll, expect, it } from "vitest";
import { createRandom } from "../endurance/random.ts";
import { defectsOf, type Replica } from "../endurance/shards/replicas.ts";
import { setStage, shardOf, type Stage } from "../endurance/shards/stage.ts";
import { admin, type Cluster, eventually } from "../integration/cluster.ts";
import { controlPlane } from "../integration/control-plane.ts";
import { bindOwnNamespace, bindShards } from "../integration/operator-access.ts";
import { operatorProgram } from "../integration/programs.ts";

// Three real processes share six tenants, with the times that everybody has.
const SETTLE_MS = 5000;
const TENANTS = 6;
/** The Lease of a killed process is free after 14 s, and one that is released at once. The rest is for a busy machine. */
const TAKEN_WITHIN_MS = { killed: 20_000, stopped: 6000 };
let cluster: Cluster;
let stage: Stage;
let system: string;
const over = new AbortController();
let editing: Promise<unknown> = Promise.resolve();

beforeAll(async () => {
  cluster = admin();
  system = await cluster.createNamespace();
  await bindOwnNamespace(cluster, "cluster", system);
  await bindShards(cluster, system);
  const namespaces = await Promise.all(Array.from({ length: TENANTS }, () => cluster.createNamespace()));
  const { cluster: kubeconfig } = controlPlane().operatorKubeconfigs;
  const own = ["--instance-id", "sharded", "--namespace", system, "--kubeconfig", kubeconfig];
  stage = await setStage({
    ...{ cluster, random: createRandom(1), namespaces, latencyMs: 100 },
    ...{ args: [operatorProgram(), ...own], replicas: ["a", "b", "c"] },
  });
  await stage.edits.begin();
}, 60_000);

afterAll(async () => {
  over.abort();
  await editing;
  for (const { namespace } of stage.tenants)
    for (const kind of ["ScopeGrant", "M2MClient", "OAuthApi", "IdentityProvider"]) {
      const objects = await cluster.list(kind, namespace);
      await Promise.all(objects.map(({ metadata }) => cluster.remove(kind, namespace, metadata.name)));
    }
  for (const { namespace } of stage.tenants)
    await eventually(
      () => cluster.list("IdentityProvider", namespace),
      (left) => left.length === 0,
      `nothing in ${namespace}`,
    );
  await stage.end();
  for (const name of [system, ...stage.tenants.map(({ namespace }) => namespace)])
    await cluster.remove("Namespace", "", name);
  await cluster.close();
}, 60_000);

/** Shards with a tenant that this run of a process works on, by what tenants were called by last. */
const shardsOf = (who: string): readonly number[] => {
  const last = new Map(stage.calls.map(({ tenant, who: caller }) => [tenant, caller]));
  return stage.tenants.filter(({ namespace }) => last.get(namespace) === who).map(shardOf);
};

/** When each of these shards was taken, after `since`, by the replica that took it; in milliseconds since the epoch. */
const takenAt = (replicas: readonly Replica[], shards: readonly number[], since: number): readonly number[] => {
  const lines = replicas.flatMap(({ runs }) => runs).flatMap((run) => run.lines);
  const taken = lines.filter(({ msg, time }) => msg === "working on the shard" && Date.parse(time) > since);
  return [...new Set(shards)].flatMap((shard) => {
    const line = taken.find((one) => one["shard"] === shard);
    return line === undefined ? [] : [Date.parse(line.time)];
  });
};

const untilTaken = (shards: readonly number[], since: number, withinMs: number): Promise<readonly number[]> =>
  eventually(
    () => takenAt(stage.replicas, shards, since),
    (times) => times.length === new Set(shards).size,
    `shards ${shards.join(", ")} taken`,
    withinMs,
  );

it("no tenant is ever called by two, whatever becomes of the processes, and nothing is lost or doubled", async () => {
  const { replicas, edits } = stage;
  const [a, b, c] = replicas as readonly [Replica, Replica, Replica];
  const settled = (): Promise<readonly string[]> =>
    eventually(
      () => stage.differences().catch((error: unknown) => [String(error)]),
      (differences) => differences.length === 0,
      "all equal",
      30_000,
    );
  await settled();
  editing = edits.run(over.signal);

  const toldAt = Date.now();
  const given = shardsOf(a.current().who);
  const ended = a.ended();
  a.signal("SIGTERM");
  await ended;
  expect(a.runs[0]?.end).toMatchObject({ code: 0 });
  for (const at of await untilTaken(given, toldAt, 10_000)) expect(at - toldAt).toBeLessThan(TAKEN_WITHIN_MS.stopped);

  const struckAt = Date.now();
  const left = [...shardsOf(b.current().who), ...shardsOf(c.current().who)];
  b.signal("SIGKILL");
  c.signal("SIGSTOP");
  for (const at of await untilTaken(left, struckAt, 30_000)) expect(at - struckAt).toBeLessThan(TAKEN_WITHIN_MS.killed);
  const thawed = c.ended();
  c.signal("SIGCONT");
  await thawed;
  expect(c.runs[0]?.end).toMatchObject({ code: 1 });

  over.abort();
  await editing;
  expect(await settled()).toEqual([]);
  expect(stage.calls.filter(({ who }) => who === "nobody")).toEqual([]);
  expect(new Set(stage.calls.map(({ who }) => who)).size).toBeGreaterThan(2);
  expect(stage.objections(SETTLE_MS)).toEqual([]);
  expect(defectsOf(replicas)).toEqual([]);
}, 120_000);
