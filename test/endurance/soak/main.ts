import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startControlPlane } from "../../../control-plane/start.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import { admin, type Cluster } from "../../integration/cluster.ts";
import { defectsOf, type Line, type Supervised, supervise } from "../operators.ts";
import { createRandom, type Random } from "../random.ts";
import { createConsole } from "./by-hand.ts";
import { growthOf, type Holdings, holdingsOf, moreOf, summaryOf } from "./growth.ts";
import { outage, SLOWEST_MS } from "./outages.ts";
import { differencesIn } from "./pictures.ts";
import { applyProviders, readEverythingAgain, tryRefusedAgain } from "./providers.ts";
import { createCanaries } from "./secrecy.ts";
import { createWishes, VENDORS, type Wishes } from "./wishes.ts";
import { argumentsOf } from "../../../tools/arguments.ts";

/**
 * 200 resources at both vendors: random edits, deletions, changes at the consoles and failing tenants; in the first half
 * the operator is killed and restarted, in the second it has to keep house. Afterwards one calm pass must leave tenants
 * equal to specs, nothing that grew, and no credential outside Secrets. `--minutes` (20) says how long, `--seed` (of the
 * clock) which chances. Exit code 1 when something is wrong.
 */
const USAGE = `usage: npm run test:soak -- [--minutes N] [--seed N]

  --minutes N  for how long. Default: 20
  --seed N     which chances. Default: of the clock`;
const { values } = argumentsOf(USAGE, { minutes: { type: "string" }, seed: { type: "string" } });
const minutes = Number(values.minutes ?? "20");
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const NAMESPACES = ["soak-a", "soak-b", "soak-c", "soak-d"] as const;
const SETTLING_MS = 120_000;
/** Shorter than the slowest calls take. */
const TIMEOUT_MS = 8000;
/** Long enough that the tenant has carried out what timed out: nobody would see what it does later. */
const SETTLE_MS = SLOWEST_MS - TIMEOUT_MS + 1000;

/** Every run of the process, one after another. */
const LOG = "operator.log";

const startedAt = Date.now();
const say = (line: string): void => {
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}`);
};

interface Stage {
  readonly cluster: Cluster;
  readonly sandbox: Sandbox;
  readonly operator: Supervised;
  readonly wishes: Wishes;
  readonly random: Random;
  readonly note: () => void;
}

/** Does `deed` again and again until aborted; resolves with how often. */
async function again(
  signal: AbortSignal,
  pause: () => number,
  deed: () => Promise<string | undefined>,
): Promise<number> {
  let count = 0;
  while (!signal.aborted) {
    await delay(pause());
    const said = await deed();
    if (said !== undefined) say(said);
    count += 1;
  }
  return count;
}

/** One half: people and tenants do their worst, and with `isKilled` the one who runs the operator, too. */
async function unrest({ sandbox, operator, wishes, random, note }: Stage, isKilled: boolean): Promise<void> {
  const over = AbortSignal.timeout(minutes * 30_000);
  const byHand = createConsole(sandbox, random);
  const kill = (): Promise<string> => {
    const signal = random.pick(["SIGKILL", "SIGTERM"] as const);
    operator.kill(signal);
    return Promise.resolve(signal);
  };
  const counts = await Promise.all([
    again(
      over,
      () => random.between(20, 400),
      async () => {
        await wishes.change();
        note();
        return undefined;
      },
    ),
    again(
      over,
      () => random.between(500, 4000),
      async () => {
        await byHand(random.pick(VENDORS));
        return undefined;
      },
    ),
    again(
      over,
      () => random.between(5000, 20_000),
      () => outage(sandbox, random),
    ),
    ...(isKilled ? [again(over, () => random.between(8000, 40_000), kill)] : []),
  ]);
  say(`${counts.join(", ")}: changes of mind, changes by hand, outages${isKilled ? ", ends of the process" : ""}`);
}

const metricsOf = ({ runs }: Supervised): string => {
  const port = runs.at(-1)?.lines.find(({ msg }) => msg === "started")?.["metricsPort"];
  return `http://127.0.0.1:${String(port)}/metrics`;
};

/** The differences that are left when no time is left to settle. */
async function calm({ cluster, sandbox, wishes }: Stage): Promise<readonly string[]> {
  sandbox.faults.clear();
  await wishes.restore();
  const deadline = Date.now() + SETTLING_MS;
  await readEverythingAgain(cluster, VENDORS);
  for (;;) {
    const differences = await differencesIn(cluster, sandbox, NAMESPACES);
    if (differences.length === 0 || Date.now() > deadline) return differences;
    await tryRefusedAgain(cluster, NAMESPACES);
    await delay(1000);
  }
}

async function soak(dir: string): Promise<readonly string[]> {
  const random = createRandom(seed);
  const controlPlane = await startControlPlane({ crds: join(import.meta.dirname, "../../../crds") });
  const cluster = admin(controlPlane.kubeconfig);
  const sandbox = await startSandbox();
  for (const name of NAMESPACES) await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  await applyProviders(cluster, sandbox);
  const canaries = createCanaries(sandbox);
  const operator = supervise(
    "operator",
    [
      ...["--instance-id", "soak", "--namespace", "default", "--kubeconfig", controlPlane.kubeconfig],
      ...["--leader-election", "false", "--http-address", "127.0.0.1:0", "--allow-private-addresses", "true"],
      ...["--allowed-hosts", `${sandbox.auth0.domain},${new URL(sandbox.okta.url).host}`],
      ...["--provider-timeout-ms", String(TIMEOUT_MS), "--settle-ms", String(SETTLE_MS)],
    ],
    ["--heapsnapshot-signal=SIGUSR2", `--diagnostic-dir=${dir}`],
  );
  const wishes = createWishes(cluster, NAMESPACES, random);
  const stage: Stage = { cluster, sandbox, operator, wishes, random, note: () => canaries.note() };
  const rest = async (what: string): Promise<{ readonly left: readonly string[]; readonly holdings: Holdings }> => {
    const left = await calm(stage);
    canaries.note();
    const holdings = await holdingsOf(operator, metricsOf(operator), dir);
    say(`${what}: ${String(left.length)} differences; ${summaryOf(holdings)}`);
    for (const line of left.slice(0, 20)) say(`  ${line}`);
    return { left: left.map((line) => `${what}: ${line}`), holdings };
  };
  try {
    await wishes.begin();
    say(`${String(wishes.count)} resources were applied`);
    const { left: atFirst } = await rest("at first");
    await unrest(stage, true);
    const half = await rest("half-time");
    await unrest(stage, false);
    const end = await rest("at the end");
    say(`more than at half-time: ${moreOf(half.holdings, end.holdings) || "nothing"}`);
    const seen = canaries.seenIn(await visible(stage));
    say(`${String(canaries.count)} credentials were looked for, ${String(operator.runs.length)} runs of the process`);
    await operator.stop();
    return [
      ...atFirst,
      ...half.left,
      ...end.left,
      ...growthOf(half.holdings, end.holdings),
      ...seen,
      ...defectsOf([operator]),
    ];
  } finally {
    await operator.stop();
    writeFileSync(join(dir, LOG), operator.runs.map(({ lines, noise }) => textOf(lines, noise)).join(""));
    await sandbox.close();
    await cluster.close();
    await controlPlane.stop();
  }
}

const textOf = (lines: readonly Line[], noise: readonly string[]): string =>
  [...lines.map((line) => JSON.stringify(line)), ...noise, ""].join("\n");

/** Everything that people who may not read Secrets can see. */
async function visible({ cluster, operator }: Stage): Promise<Readonly<Record<string, string>>> {
  const kinds = ["OAuthApi", "M2MClient", "ScopeGrant", "ClusterIdentityProvider", "Event", "ConfigMap"];
  const lists = await Promise.all(
    kinds.map(async (kind) => [kind, JSON.stringify(await cluster.list(kind, ""))] as const),
  );
  const log = operator.runs.map(({ lines, noise }) => JSON.stringify(lines) + noise.join("")).join("");
  return { ...Object.fromEntries(lists), log, metrics: await (await fetch(metricsOf(operator))).text() };
}

const dir = mkdtempSync(join(tmpdir(), "m2m-soak-"));
say(`seed ${String(seed)}`);
const problems = await soak(dir);
for (const problem of problems) console.error(problem);
if (problems.length === 0) rmSync(dir, { recursive: true });
console.log(
  problems.length === 0
    ? "Tenants equal specs, nothing grew, no credential was seen."
    : `FAILED. The operator's log is in ${join(dir, LOG)}.`,
);
process.exit(problems.length === 0 ? 0 : 1);
