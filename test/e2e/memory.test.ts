import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { type Heap, heapOf } from "./heap.ts";
import { startOperatorProcess } from "./operator-process.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
let operator: ChildProcess;
const dir = mkdtempSync(join(tmpdir(), "m2m-heap-"));
beforeAll(async () => {
  // What was read on its own is forgotten when everything is read the next time.
  world = await createWorld({ driftInterval: "10s" });
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

/** Of every object that was made. */
const uids = new Set<string>();

/**
 * With this number: an API and a client with all Secrets that the operator keeps for them, and two grants. Each makes the
 * process remember something: a request of each kind, a trial of the credential, and the events of a grant that cannot be.
 */
async function make(ns: string, index: number): Promise<void> {
  const name = `gone-${String(index)}`;
  const spec = { secret: { primaryGrant: `${name}-read` }, rotation: { announce: "0s", overlap: "0s" } };
  const grant = (last: string, scope: string) =>
    world.grant(ns, `${name}-${last}`, { clientRef: { name }, apiRef: { name }, scopes: [scope] });
  const made = [
    await world.api(ns, name, { tokens: { signingAlgorithm: "HS256" }, signingSecret: { name: `${name}-signing` } }),
    await world.client(ns, name, spec),
    await grant("read", "read:things"),
    await grant("unkn", "unknown:things"),
  ];
  for (const { metadata } of made) uids.add(metadata.uid ?? "");
  await world.annotate("M2MClient", ns, name, "reconcile-requested-at", "now");
}

/** A rotation of its credential begins and ends. */
async function rotate(ns: string, name: string): Promise<void> {
  await world.annotate("M2MClient", ns, name, "rotate-requested-at", "now");
  await eventually(
    () => world.cluster.get("M2MClient", ns, name),
    (client) => client?.status?.["lastRotationAt"] !== undefined,
    `${name} rotated`,
    60_000,
  );
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
    await Promise.all(numbers.map((index) => rotate(ns, `gone-${String(index)}`)));
    await Promise.all(
      numbers.flatMap((index) => {
        const name = `gone-${String(index)}`;
        return [
          world.cluster.remove("ScopeGrant", ns, `${name}-read`),
          world.cluster.remove("ScopeGrant", ns, `${name}-unkn`),
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

/** Numbers that exist before the first count, and between it and the second. */
const SIZE = { warm: 25, counted: 120 };
/** Two objects for every third number. A pass or two leave less behind. */
const TOLERATED = 80;

/** A name, or a key that ends in one. A message is more: the store keeps some, to share them among objects. */
const NAME = /(^|\/)gone-\d+(-\w+)?$/;
/** A key that begins with a uid. The uids alone are kept for a quarter of an hour, so that late answers do no harm. */
const UID_KEY = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})./;

const isOfGone = (text: string): boolean => NAME.test(text) || uids.has(UID_KEY.exec(text)?.[1] ?? "");

/**
 * What is kept: each count of objects that has grown by more than tolerated, and all strings that name what is gone. For
 * half a minute, requests have their timers and connections: a first count has some of them, so that strings tell more.
 */
function keptIn(after: Heap, before: Heap): Readonly<Record<string, number>> {
  const growth = [...after.objects].map(([name, count]) => [name, count - (before.objects.get(name) ?? 0)] as const);
  const strings = after.strings.filter(isOfGone).length;
  return Object.fromEntries([...growth, ["strings", strings] as const].filter(([, count]) => count > TOLERATED));
}

it("nothing of what is gone is kept: 480 objects leave the heap as it was", async () => {
  const ns = await world.namespace();
  await makeAndDelete(ns, 0, SIZE.warm);
  const before = await heapOf(operator, dir);
  await makeAndDelete(ns, SIZE.warm, SIZE.warm + SIZE.counted);
  const kept = await eventually(
    async () => keptIn(await heapOf(operator, dir), before),
    (names) => Object.keys(names).length === 0,
    "a heap as it was",
    120_000,
  );
  expect(kept).toEqual({});
}, 900_000);
