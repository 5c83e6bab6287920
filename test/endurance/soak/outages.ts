import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../../../sandbox/faults.ts";
import type { Sandbox } from "../../../sandbox/start.ts";
import type { Random } from "../random.ts";
import { VENDORS } from "./wishes.ts";

type Effect = Fault["effect"];

/** The longest that a call takes until the tenant carries it out. */
export const SLOWEST_MS = 10_000;

/** How a tenant fails, and for how many calls. */
const OUTAGES: readonly (readonly [string, number, Effect])[] = [
  ["is away", 400, { status: 503, body: {} }],
  ["drops calls", 30, { drop: "before" }],
  ["does and does not tell", 10, { drop: "after" }],
  ["does and answers 500", 10, { status: 500, body: {}, commit: true }],
  ["shows a page", 20, { status: 200, body: "<html>maintenance</html>", headers: { "content-type": "text/html" } }],
  ["wants patience", 5, { status: 429, body: {}, headers: { "retry-after": "1" } }],
  ["refuses tokens", 3, { status: 401, body: {} }],
  ["forbids", 3, { status: 403, body: {} }],
  ["finds nothing", 2, { status: 404, body: {} }],
  ["is slow", 6, { latencyMs: SLOWEST_MS }],
];
const LONGEST_MS = 6000;

/** Lets one tenant fail for a while; says how. All is well afterwards. */
export async function outage(sandbox: Sandbox, random: Random): Promise<string> {
  const [name, times, effect] = random.pick(OUTAGES);
  const tenant = random.pick(VENDORS);
  sandbox.faults.add({ tenant, times, effect });
  await delay(random.between(500, LONGEST_MS));
  sandbox.faults.clear();
  return `${tenant} ${name}`;
}
