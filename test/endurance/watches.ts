import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startControlPlane } from "../../control-plane/start.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { admin } from "../integration/cluster.ts";
import { type FaultProxy, startFaultProxy } from "../integration/kube/fault-proxy.ts";
import { createEdits } from "./edits.ts";
import { createFaults } from "./faults.ts";
import { defectsOf, reignsOf, type Supervised, supervise } from "./operators.ts";
import { createWaitingRotations } from "./pods.ts";
import { createRandom } from "./random.ts";
import { applyTenant } from "./tenant.ts";
import { differencesIn } from "./verdict.ts";
import { argumentsOf } from "../../tools/arguments.ts";

/**
 * Two operators with leader election over eight namespaces and six watches of Pods, while the API server is killed,
 * frozen and cut off at random. Afterwards nothing may be missed or doubled, and there never were two leaders.
 * `--minutes` (5) says how long, `--seed` (of the clock) which chances. Exit code 1 when something is wrong.
 */
const USAGE = `usage: npm run test:endurance -- [--minutes N] [--seed N]

  --minutes N  for how long. Default: 5
  --seed N     which chances. Default: of the clock`;
const { values } = argumentsOf(USAGE, { minutes: { type: "string" }, seed: { type: "string" } });
const minutes = Number(values.minutes ?? "5");
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const NAMESPACES = 8;
const WITH_PODS = 6;
const SETTLING_MS = 240_000;

const startedAt = Date.now();
const say = (line: string): void => {
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}`);
};

function operatorOf(who: string, { kubeconfig }: FaultProxy, sandbox: Sandbox, namespaces: readonly string[]) {
  return supervise(who, [
    ...["--instance-id", "endurance", "--namespace", "default", "--kubeconfig", kubeconfig],
    ...["--watch-namespaces", namespaces.join(","), "--http-address", "127.0.0.1:0"],
    ...["--allowed-hosts", sandbox.auth0.domain, "--allow-private-addresses", "true"],
    ...["--provider-timeout-ms", "5000", "--settle-ms", "300"],
  ]);
}

/** Where the metrics of the process that leads are. */
function leadersMetrics(processes: readonly Supervised[]): string | undefined {
  for (const { runs } of processes) {
    const { lines = [], end } = runs.at(-1) ?? {};
    const port = lines.find(({ msg }) => msg === "started")?.["metricsPort"];
    if (end === undefined && lines.some(({ msg }) => msg === "lease acquired"))
      return `http://127.0.0.1:${String(port)}/metrics`;
  }
  return undefined;
}

/** The differences that are left when no time is left to settle. */
async function settled(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const deadline = Date.now() + SETTLING_MS;
  for (;;) {
    const differences = await look().catch((error: unknown) => [String(error)]);
    if (differences.length === 0 || Date.now() > deadline) return differences;
    await delay(500);
  }
}

async function endure(): Promise<readonly string[]> {
  const random = createRandom(seed);
  const controlPlane = await startControlPlane({ crds: join(import.meta.dirname, "../../crds") });
  const cluster = admin(controlPlane.kubeconfig);
  const sandbox = await startSandbox();
  const suffix = randomBytes(3).toString("hex");
  const namespaces = Array.from({ length: NAMESPACES }, (_, index) => `endurance-${suffix}-${String(index)}`);
  for (const name of namespaces) {
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await applyTenant(cluster, sandbox, name);
  }
  const proxies = [await startFaultProxy(controlPlane.kubeconfig), await startFaultProxy(controlPlane.kubeconfig)];
  const processes = proxies.map((proxy, index) => operatorOf("ab"[index] ?? "", proxy, sandbox, namespaces));
  const faults = createFaults(cluster, proxies, random, say);
  try {
    const edits = createEdits(cluster, namespaces, random);
    const rotations = createWaitingRotations(cluster, namespaces.slice(0, WITH_PODS));
    await edits.begin();
    await rotations.begin();
    say(`everything is there; now ${String(minutes)} minutes of faults and edits`);
    const over = AbortSignal.timeout(minutes * 60_000);
    const [done, edited] = await Promise.all([faults.run(over), edits.run(over)]);
    say(`${String(edited)} edits among ${JSON.stringify(done)}`);
    const differences = await settled(() =>
      differencesIn(cluster, sandbox, namespaces, [leadersMetrics(processes) ?? "http://nobody.leads.invalid"]),
    );
    say(`${String(differences.length)} differences are left`);
    const watches = await (await fetch(leadersMetrics(processes) ?? "")).text();
    say(`watches: ${[...watches.matchAll(/^m2m_operator_watches.*$/gm)].map(([line]) => line.slice(20)).join("  ")}`);
    const late = await rotations.end().then(
      () => [],
      (error: unknown) => [String(error)],
    );
    await Promise.all(processes.map((one) => one.stop()));
    const reigns = reignsOf(processes);
    say(`${String(reigns.length)} reigns, ${String(processes.flatMap(({ runs }) => runs).length)} runs of a process`);
    return [...differences, ...late, ...defectsOf(processes)];
  } finally {
    await Promise.all(processes.map((one) => one.stop()));
    for (const proxy of proxies) await proxy.close();
    await sandbox.close();
    await cluster.close();
    faults.stop();
    await controlPlane.stop();
  }
}

say(`seed ${String(seed)}`);
const problems = await endure();
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? "Nothing was missed, nothing doubled, never two leaders." : "FAILED");
process.exit(problems.length === 0 ? 0 : 1);
