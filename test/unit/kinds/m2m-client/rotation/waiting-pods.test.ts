import { describe, expect, it } from "vitest";
import type { KindContext } from "../../../../../src/kinds/kind-context.ts";
import { plan } from "../../../../../src/kinds/m2m-client/plan.ts";
import type { PodsView } from "../../../../../src/kinds/m2m-client/model.ts";
import { observePods } from "../../../../../src/kinds/m2m-client/rotation/observe.ts";
import type { M2MClient } from "../../../../../src/kinds/m2m-client/schema.ts";
import type { PodFacts, Pods } from "../../../../../src/ports/pods.ts";
import { CAPABILITIES, FACTS } from "../../provider-facts.ts";
import { CLIENT, desiredBy, NOW, observedWith, SECRET } from "../observed.ts";

const HOUR = 3_600_000;
const before = (hours: number): Date => new Date(NOW.getTime() - hours * HOUR);
const podThatHolds: PodFacts = {
  ...{ name: "old", hasEnded: false },
  uses: [{ secret: "job", by: "env", runsSince: before(100) }],
};
const resource = { kind: "M2MClient", metadata: { name: "job", namespace: "team" }, spec: {} } as unknown as M2MClient;

function viewOf(present: readonly PodFacts[] | undefined, problem?: string): PodsView {
  const pods: Pods = { watch: () => present, problem: () => problem, unwatch: () => undefined };
  const context = { pods, now: () => NOW } as unknown as KindContext;
  return observePods(context, resource, desiredBy({}), { since: before(30), secrets: ["job"], formerSecrets: [] }).pods;
}

it.each<[string, PodsView, PodsView]>([
  ["not read yet", viewOf(undefined), { kind: "unread" }],
  ["refused", viewOf(undefined, "forbidden"), { kind: "unreadable", problem: "forbidden" }],
  ["refused after they were read", viewOf([], "forbidden"), { kind: "unreadable", problem: "forbidden" }],
  ["none", viewOf([]), { kind: "read", waiting: [] }],
  ["one that holds the old credential", viewOf([podThatHolds]), { kind: "read", waiting: ["old"] }],
])("what is known of Pods is a state of its own: %s", (_what, view, expected) => {
  expect(view).toEqual(expected);
});

/** A rotation whose overlap has passed, with 24 h of overlap and 168 h for Pods. */
function planWith(pods: PodsView, hoursAgo = 30) {
  const published = {
    ...SECRET,
    id: "new",
    life: { createdAt: before(200), isShown: false, publishedAt: before(hoursAgo) },
  };
  const previous = { ...SECRET, id: "old", registration: "r", life: { createdAt: before(300), isShown: false } };
  const capabilities = { ...CAPABILITIES, secretOverlap: "full" as const };
  const desired = desiredBy({});
  const mark = { ...desired.owner, origin: "made", nonce: "n" } as const;
  const observed = observedWith({
    remote: { kind: "found", client: { ...CLIENT, mark }, duplicates: [] },
    provider: { state: "ready", facts: { ...FACTS, capabilities } },
    state: { ownership: "ours", name: "job.m2m-state", version: "u/1", current: published, previous },
    verification: { credentialId: "new", audience: "a", result: "Verified", message: "", tries: 1, at: NOW },
  });
  return plan(desired, { ...observed, rotation: { ...observed.rotation, pods } }, NOW);
}

it("Pods that may not be read halt the rotation and say so, until they no longer matter", () => {
  const { actions, halt } = planWith({ kind: "unreadable", problem: "pods is forbidden" });
  expect(actions).toEqual([]);
  expect(halt).toMatchObject({ kind: "stalled", reason: "PodsNotReadable", until: before(30 - 24 - 168) });
  expect(JSON.stringify(halt)).toContain("pods is forbidden");
});

it("Pods that are not read yet, or that hold the old credential, are waited for", () => {
  for (const pods of [{ kind: "unread" }, { kind: "read", waiting: ["old"] }] as const) {
    const { actions, halt, recheckAt } = planWith(pods);
    expect({ actions, halt, isLater: recheckAt !== undefined && recheckAt > NOW }).toEqual({
      actions: [],
      isLater: true,
    });
  }
});

it.each<[string, PodsView, number]>([
  ["no Pod holds the old credential", { kind: "read", waiting: [] }, 30],
  ["they were waited for long enough, readable or not", { kind: "unreadable", problem: "" }, 24 + 168],
])("the old credential is retired when %s", (_when, pods, hoursAgo) => {
  expect(planWith(pods, hoursAgo).actions.map(({ type }) => type)).toEqual(["retirePrevious"]);
});

describe("a Secret of an earlier name", () => {
  const viewWith = (present: readonly PodFacts[] | undefined, problem?: string) => {
    const watched: string[] = [];
    const pods: Pods = {
      watch: () => (watched.push("watch"), present),
      problem: () => problem,
      unwatch: () => watched.push("unwatch"),
    };
    const context = { pods, now: () => NOW } as unknown as KindContext;
    const find = { since: undefined, secrets: ["job"], formerSecrets: ["earlier"] };
    return { view: observePods(context, resource, desiredBy({}), find), watched };
  };
  const podWith = (secret: string, by: "env" | "volume"): PodFacts => ({
    ...{ name: `${by}-${secret}`, hasEnded: false },
    uses: [{ secret, by, runsSince: before(1) }],
  });

  it("is looked for in Pods of any kind and age, and holds no rotation", () => {
    const { view, watched } = viewWith([
      podWith("earlier", "volume"),
      podWith("earlier", "env"),
      podWith("job", "env"),
    ]);
    expect(view).toEqual({
      pods: { kind: "read", waiting: [] },
      formerPods: { kind: "read", waiting: ["env-earlier", "volume-earlier"] },
    });
    expect(watched).toEqual(["watch"]);
  });

  function planFormer(formerPods: PodsView, sinceHoursAgo?: number) {
    const desired = desiredBy({});
    const mark = { ...desired.owner, origin: "made", nonce: "n" } as const;
    const since = sinceHoursAgo === undefined ? undefined : before(sinceHoursAgo);
    const observed = observedWith({
      remote: { kind: "found", client: { ...CLIENT, mark }, duplicates: [] },
      formerSecrets: [{ name: "earlier", since }],
    });
    return plan(desired, { ...observed, rotation: { ...observed.rotation, formerPods } }, NOW);
  }

  it.each<[string, PodsView, number | undefined]>([
    ["no Pod has it", { kind: "read", waiting: [] }, undefined],
    ["Pods had it for longer than maxWait", { kind: "read", waiting: ["old"] }, 169],
    ["Pods cannot be read for longer than maxWait", { kind: "unreadable", problem: "forbidden" }, 169],
  ])("goes when %s", (_when, pods, hoursAgo) => {
    expect(planFormer(pods, hoursAgo).actions).toEqual([{ type: "removeFormerSecret", name: "earlier" }]);
  });

  it.each<[string, PodsView, number | undefined]>([
    ["Pods are not read yet", { kind: "unread" }, undefined],
    ["a Pod has it", { kind: "read", waiting: ["old"] }, 167],
  ])("stays while %s, and the client is Ready", (_when, pods, hoursAgo) => {
    const { actions, halt, recheckAt } = planFormer(pods, hoursAgo);
    expect({ actions: actions.filter(({ type }) => type === "removeFormerSecret"), halt }).toEqual({
      actions: [],
      halt: undefined,
    });
    expect(actions.length > 0 || recheckAt !== undefined).toBe(true);
  });

  it("stays while Pods cannot be read, and the client says so", () => {
    const { halt } = planFormer({ kind: "unreadable", problem: "pods is forbidden" }, 1);
    expect(halt).toMatchObject({ kind: "stalled", reason: "PodsNotReadable" });
  });
});
