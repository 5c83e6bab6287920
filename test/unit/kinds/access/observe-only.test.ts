import { describe, expect, it } from "vitest";
import { observedOnly } from "../../../../src/kinds/access/observe-only.ts";
import type { ProviderAccess } from "../../../../src/kinds/access/provider-access.ts";
import type { Plan } from "../../../../src/controller/reconcile.ts";
import { FACTS } from "../provider-facts.ts";

interface Action {
  readonly type: "updateApi" | "publishSecret" | "adoptApi";
}
interface Observed {
  readonly hasFinalizer: boolean;
  readonly provider: ProviderAccess;
  readonly isAdopted?: boolean;
}
const preview = {
  describe: ({ type }: Action) => (type === "publishSecret" ? undefined : `do ${type}`),
  after: ({ type }: Action, observed: Observed) => (type === "adoptApi" ? { ...observed, isAdopted: true } : undefined),
};
const provider: ProviderAccess = { state: "ready", facts: { ...FACTS, managementPolicy: "ObserveOnly" } };
const seen = (
  isAbsent: boolean,
  hasFinalizer: boolean,
  plan: (observed: Observed) => Plan<Action>,
  access = provider,
): Plan<Action> => observedOnly(isAbsent, { hasFinalizer, provider: access }, preview, plan);
const doing = (type: Action["type"]) => (): Plan<Action> => ({ actions: [{ type }] });
const messageOf = ({ halt }: Plan<Action>): string => (halt !== undefined && "message" in halt ? halt.message : "");

describe("a provider that only observes", () => {
  it("tells what would be done at the tenant, and does none of it", () => {
    const plan = seen(false, false, doing("updateApi"));
    expect(plan.actions).toEqual([]);
    expect(plan.halt).toMatchObject({ kind: "wait", reason: "ObserveOnly", isUnmet: true });
    expect(messageOf(plan)).toBe(
      "Preview: would do updateApi. To let the operator do this, set spec.managementPolicy of the provider to Full.",
    );
  });
  it("tells what would stop it after the steps", () => {
    const halt = { kind: "stalled", reason: "NotShared", message: "Ask its owner.", liftedBy: ["self"] } as const;
    const plan = seen(false, true, ({ isAdopted }) =>
      isAdopted === true ? { actions: [], halt } : doing("adoptApi")(),
    );
    expect(messageOf(plan)).toContain(
      "Preview: would do adoptApi. Then it would stop with NotShared: Ask its owner. To let",
    );
  });
  it("goes on from what a step would leave", () => {
    const plan = seen(false, true, ({ isAdopted }) => doing(isAdopted === true ? "updateApi" : "adoptApi")());
    expect(messageOf(plan)).toContain("would do adoptApi; do updateApi.");
  });
  it("names the annotation where the resource asks for it", () => {
    const own = { ...provider, facts: { ...provider.facts, isObservedByAnnotation: true as const } };
    expect(messageOf(seen(false, true, doing("updateApi"), own))).toContain(
      "remove the annotation m2m-operator.io/observe-only",
    );
  });
  it("is content when only publishing would be left", () => {
    expect(seen(false, true, doing("publishSecret"))).toEqual({ actions: [] });
  });
  it("passes a wait on", () => {
    const step: Plan<Action> = {
      actions: [],
      halt: { kind: "wait", reason: "ApiNotReady", message: "", liftedBy: ["api"] },
    };
    expect(seen(false, true, () => step)).toBe(step);
  });
  it("lets a deleted resource go and leaves everything", () => {
    expect(seen(true, true, doing("updateApi")).actions).toEqual([{ type: "removeFinalizer" }]);
    expect(seen(true, false, doing("updateApi")).actions).toEqual([]);
  });
});
