import { join } from "node:path";
import { startControlPlane } from "../../control-plane/start.ts";
import { OPERATORS } from "../integration/operator-access.ts";
import { type Case, casesOf, inPart, sampled } from "./cases.ts";
import type { Access, Vendor } from "./lane.ts";
import { createSeries, type Judged } from "./lanes.ts";
import { matrixOf, totalsOf } from "./matrix.ts";
import { LIVES, titleOf } from "./run.ts";
import { argumentsOf } from "../../tools/arguments.ts";

/**
 * Every call and write of every life fails in every way, and the process is killed after each. `--part K/N` (1/1) runs
 * one part of the cases, `--seed` (1) says which are in it, `--count` how many of them at most, `--life`, `--fault`,
 * `--step`, `--vendor` choose by a piece of the name, `--at` provider or kubernetes, `--lanes` (2) how many run at once;
 * `--verbose` shows what the operator logged in a case that failed.
 * Exit code 1 when a case failed.
 */
const USAGE = `usage: npm run test:faults -- [options]

  --part K/N      runs one part of the cases. Default: 1/1
  --seed N        which cases are in it. Default: 1
  --count N       how many of them at most
  --lanes N       how many run at once. Default: 2
  --life, --fault, --step, --vendor TEXT  only cases with this piece in the name
  --at PLACE      provider or kubernetes
  --verbose       shows what the operator logged in a case that failed`;
const { values } = argumentsOf(USAGE, {
  ...{ part: { type: "string" }, seed: { type: "string" }, count: { type: "string" }, lanes: { type: "string" } },
  ...{ life: { type: "string" }, fault: { type: "string" }, vendor: { type: "string" }, at: { type: "string" } },
  ...{ step: { type: "string" }, verbose: { type: "boolean" } },
});
const [part = 1, parts = 1] = (values.part ?? "1/1").split("/").map(Number);
const seed = Number(values.seed ?? "1");

const startedAt = Date.now();
const say = (line: string): void => {
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}`);
};
const has = (text: string, piece: string | undefined): boolean => piece === undefined || text.includes(piece);

const isChosen = ({ step, fault }: Case): boolean =>
  has(fault.name, values.fault) && has(step.at, values.at) && has(`${step.method} ${step.path}`, values.step);

async function recorded(vendor: Vendor, access: Access): Promise<readonly Case[]> {
  const series = createSeries(vendor, access);
  try {
    const lives = LIVES.filter(({ name }) => has(name, values.life));
    const cases = [...(await series.record(lives))].flatMap(([life, recording]) => casesOf(vendor, life, recording));
    say(`${vendor}: ${String(cases.length)} cases`);
    return cases;
  } finally {
    await series.end();
  }
}

/** Cases of one life together, since some leave something that the next can use. */
async function inLanes(cases: readonly Case[], access: Access): Promise<readonly Judged[]> {
  const waiting = cases.toSorted((left, right) => (orderOf(left) < orderOf(right) ? -1 : 1));
  const judged: Judged[] = [];
  const work = async (): Promise<void> => {
    let series: { readonly vendor: Vendor; readonly of: ReturnType<typeof createSeries> } | undefined;
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      if (series?.vendor !== one.vendor) {
        await series?.of.end();
        series = { vendor: one.vendor, of: createSeries(one.vendor, access) };
      }
      const result = await series.of.run(one);
      judged.push(result);
      tell(result);
      if (judged.length % 50 === 0) say(`${String(judged.length)} of ${String(cases.length)}`);
    }
    await series?.of.end();
  };
  await Promise.all(Array.from({ length: Number(values.lanes ?? "2") }, work));
  return judged;
}

function tell({ one, outcome: { kind, problems, log } }: Judged): void {
  if (kind !== "failed") return;
  say(`FAILED ${one.vendor}, ${one.life}, ${titleOf(one)}`);
  for (const line of [...problems, ...(values.verbose === true ? log : [])])
    console.log(`           ${line.slice(0, 600)}`);
}

const orderOf = ({ vendor, life }: Case): string => `${vendor} ${life}`;

const controlPlane = await startControlPlane({ crds: join(import.meta.dirname, "../../crds") });
const user = await controlPlane.addUser(OPERATORS.namespaced.user, []);
const access: Access = { kubeconfig: controlPlane.kubeconfig, operatorKubeconfig: user.kubeconfigPath };
try {
  const vendors = (["auth0", "okta"] as const).filter((vendor) => has(vendor, values.vendor));
  const all = (await Promise.all(vendors.map((vendor) => recorded(vendor, access)))).flat().filter(isChosen);
  const mine = inPart(all, seed, part, parts);
  const chosen = values.count === undefined ? mine : sampled(mine, seed, Number(values.count));
  say(
    `${String(chosen.length)} of ${String(all.length)} cases; part ${String(part)}/${String(parts)}, seed ${String(seed)}`,
  );
  const judged = await inLanes(chosen, access);
  console.log(matrixOf(judged));
  console.log(totalsOf(judged));
  process.exitCode = judged.some(({ outcome }) => outcome.kind === "failed") ? 1 : 0;
} finally {
  await controlPlane.stop();
}
