import { expect, it } from "vitest";
import { controlPlane } from "../integration/control-plane.ts";
import { casesOf, sampled } from "../faults/cases.ts";
import { createSeries } from "../faults/lanes.ts";
import { matrixOf } from "../faults/matrix.ts";
import { LIVES, titleOf } from "../faults/run.ts";

/** Which of some two thousand cases; `npm run test:faults` runs all of them. */
const SEED = Number(process.env["M2M_FAULTS_SEED"] ?? "1");
const CASES = 8;
const SAMPLED = LIVES.filter(({ name }) => ["create", "edit", "remove all"].includes(name));

it.concurrent.each(["auth0", "okta"] as const)(
  "a sample of failing calls and writes and of kills at %s ends with what is wanted, without a wrong word meanwhile",
  async (vendor) => {
    const series = createSeries(vendor, {
      kubeconfig: controlPlane().kubeconfig,
      operatorKubeconfig: controlPlane().operatorKubeconfigs.namespaced,
    });
    const recordings = await series.record(SAMPLED);
    const cases = [...recordings].flatMap(([life, recording]) => casesOf(vendor, life, recording));
    const judged = [];
    for (const one of sampled(cases, SEED, CASES).toSorted((left, right) => (left.life < right.life ? -1 : 1)))
      judged.push(await series.run(one));
    await series.end();
    console.log(`seed ${String(SEED)}\n${matrixOf(judged)}`);
    const failures = judged.filter(({ outcome }) => outcome.kind === "failed");
    expect(failures.map(({ one, outcome }) => `${one.life}, ${titleOf(one)}: ${outcome.problems.join("; ")}`)).toEqual(
      [],
    );
  },
  240_000,
);
