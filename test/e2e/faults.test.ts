import { expect, inject, it } from "vitest";
import { casesOf, sampled } from "../faults/cases.ts";
import { createSeries } from "../faults/lanes.ts";
import { matrixOf } from "../faults/matrix.ts";
import { LIVES, titleOf } from "../faults/run.ts";

/** Which of some two thousand cases; `npm run test:faults` runs all of them. */
const SEED = Number(process.env["M2M_FAULTS_SEED"] ?? "1");
const CASES = 8;
const SAMPLED = LIVES.filter(({ name }) => ["create", "edit", "remove all"].includes(name));

/** Seen to fail once on a busy machine, for a reason that is not known yet: the whole run still tries it. */
const NOT_UNDERSTOOD = /m2mclients\/job\/status.*refused/;

it.concurrent.each(["auth0", "okta"] as const)(
  "a sample of failing calls and writes and of kills at %s ends with what is wanted, without a wrong word meanwhile",
  async (vendor) => {
    const series = createSeries(vendor, {
      kubeconfig: inject("kubeconfig"),
      operatorKubeconfig: inject("operatorKubeconfigs").namespaced,
    });
    const recordings = await series.record(SAMPLED);
    const cases = [...recordings].flatMap(([life, recording]) => casesOf(vendor, life, recording));
    const judged = [];
    const known = cases.filter((one) => !NOT_UNDERSTOOD.test(titleOf(one)));
    for (const one of sampled(known, SEED, CASES).toSorted((left, right) => (left.life < right.life ? -1 : 1)))
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
