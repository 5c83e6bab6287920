import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { type HeapCounts, heapCountsOf } from "./heap-counts.ts";
import { startOperatorProcess } from "./operator-process.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
let operator: ChildProcess;
const dir = mkdtempSync(join(tmpdir(), "m2m-heap-"));
beforeAll(async () => {
  world = await createWorld({ provider: { verification: { policy: "Never" } } });
  await world.stopOperator();
  operator = startOperatorProcess(world, {
    nodeFlags: ["--heapsnapshot-signal=SIGUSR2", `--diagnostic-dir=${dir}`],
  });
});
afterAll(async () => {
  operator.kill("SIGTERM");
  await new Promise((resolve) => operator.once("exit", resolve));
  await world.end();
  rmSync(dir, { recursive: true });
});

const BATCH = 40;

/** An API, a client with its Secret and two grants, with this number; all of them Ready. */
async function make(ns: string, index: number): Promise<void> {
  const name = `gone-${String(index)}`;
  await world.api(ns, name);
  await world.client(ns, name, { secret: { primaryGrant: `${name}-read` } });
  for (const scope of ["read:things", "write:things"])
    await world.grant(ns, `${name}-${scope.slice(0, 4)}`, {
      ...{ clientRef: { name }, apiRef: { name }, scopes: [scope] },
    });
}

const isReady = (ns: string, name: string) =>
  eventually(
    () => world.cluster.get("ScopeGrant", ns, name),
    (grant) => conditionOf(grant, "Ready")?.status === "True",
    `${name} Ready`,
    60_000,
  );

/** Makes and deletes four objects for each number, in a namespace that stays. */
async function makeAndDelete(ns: string, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, to - start) }, (_each, offset) => start + offset);
    await Promise.all(numbers.map((index) => make(ns, index)));
    for (const index of numbers) await isReady(ns, `gone-${String(index)}-read`);
    await Promise.all(
      numbers.flatMap((index) => {
        const name = `gone-${String(index)}`;
        return [
          world.cluster.remove("ScopeGrant", ns, `${name}-read`),
          world.cluster.remove("ScopeGrant", ns, `${name}-writ`),
          world.cluster.remove("M2MClient", ns, name),
          world.cluster.remove("OAuthApi", ns, name),
        ];
      }),
    );
    for (const index of numbers) {
      await world.gone("M2MClient", ns, `gone-${String(index)}`);
      await world.gone("OAuthApi", ns, `gone-${String(index)}`);
    }
  }
}

const TOLERATED = 400;

/** What has grown by more than a pass or two leave behind; `names` are strings that name what is gone. */
function growthOf(before: HeapCounts, after: HeapCounts): Readonly<Record<string, number>> {
  const more = [...after.objects].map(([name, count]) => [name, count - (before.objects.get(name) ?? 0)] as const);
  const names = after.stringsWith("gone-") - before.stringsWith("gone-");
  return Object.fromEntries([...more, ["names", names] as const].filter(([, growth]) => growth > TOLERATED));
}

it("nothing of what is gone is kept: 2,000 objects leave the heap as it was", async () => {
  const ns = await world.namespace();
  await makeAndDelete(ns, 0, 25);
  const before = await heapCountsOf(operator, dir);
  await makeAndDelete(ns, 25, 525);
  // Requests of the last seconds still have their timers.
  const grown = await eventually(
    async () => growthOf(before, await heapCountsOf(operator, dir)),
    (growth) => Object.keys(growth).length === 0,
    "a heap as it was",
    120_000,
  );
  expect(grown).toEqual({});
}, 900_000);
