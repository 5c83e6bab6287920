import { expect, it } from "vitest";
import type { Observed } from "../../../../src/kinds/m2m-client/model.ts";
import { plan } from "../../../../src/kinds/m2m-client/plan.ts";
import { CLIENT, desiredBy, NOW, observedWith, SECRET } from "./observed.ts";

const rotating = desiredBy({ rotation: { every: "720h", overlap: "1h" } });
/** A client that needs no step at the tenant. */
const settled = (change: Partial<Observed>): Observed => {
  const mark = { ...rotating.owner, origin: "made", nonce: "n" } as const;
  const client = { ...CLIENT, mark };
  return observedWith({ remote: { kind: "found", client, duplicates: [] }, ...change });
};

const DAY_MS = 24 * 60 * 60 * 1000;
const undecided = { kind: "stalled", reason: "PrimaryGrantRequired", message: "" } as const;
const former = (days: number) => [{ name: "former", since: new Date(NOW.getTime() - days * DAY_MS) }];
const waiting = { kind: "read", waiting: ["team/pod"] } as const;
const pods = { ...observedWith({}).rotation, formerPods: waiting };

const HALTS: readonly (readonly [string, Partial<Observed>])[] = [
  ["a choice", { undecided }],
  ["a choice before the first Secret", { undecided, blocked: undecided }],
  ["a template", { blocked: { kind: "stalled", reason: "TemplateInvalid", message: "" } }],
  ["a ScopeGrant", { blocked: { kind: "unmet", reason: "GrantNotReady", message: "" } }],
  ["a Secret of others", { secret: { ...observedWith({}).secret, ownership: "foreign" } }],
];

it.each(HALTS)("a client that waits for %s is rotated when its credential is due", (_what, seen) => {
  const step = plan(rotating, settled(seen), NOW);
  expect(step.halt?.kind).toMatch(/wait|stalled/);
  const free = plan(rotating, settled({}), NOW);
  expect(step.recheckAt).toEqual(free.recheckAt);
  expect(step.recheckAt?.getTime()).toBeGreaterThan(NOW.getTime() + 20 * DAY_MS);
  expect(step.recheckAs).toBe("rotationDue");
});

it.each(HALTS)(
  "a client that waits for %s is not reconciled again and again for what is due already",
  (_what, seen) => {
    const observed = settled({ ...seen, rotation: pods, formerSecrets: former(400) });
    const { recheckAt } = plan(rotating, observed, NOW);
    expect(recheckAt === undefined || recheckAt > NOW).toBe(true);
  },
);

it("an old credential ends on time while the choice is open", () => {
  const life = { ...SECRET.life, publishedAt: NOW };
  const state = { ...observedWith({}).state, current: { ...SECRET, life }, previous: { ...SECRET, id: "old" } };
  const step = plan(rotating, settled({ undecided, state }), NOW);
  expect(step.halt).toMatchObject({ reason: "PrimaryGrantRequired" });
  expect(step.recheckAt).toEqual(new Date(NOW.getTime() + 60 * 60 * 1000));
});
