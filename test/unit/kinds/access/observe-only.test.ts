import { describe, expect, it } from "vitest";
import { observedOnly } from "../../../../src/kinds/access/observe-only.ts";
import type { Effects, Plan } from "../../../../src/controller/reconcile.ts";

interface Action {
  readonly type: "updateApi" | "publishSecret" | "removeClient";
  readonly change?: object;
}
const EFFECTS: Effects<Action> = {
  updateApi: { touches: "tenant" },
  removeClient: { touches: "tenant" },
  publishSecret: { touches: "cluster" },
};
const seen = (isAbsent: boolean, hasFinalizer: boolean, step: Plan<Action>): Plan<Action> =>
  observedOnly(isAbsent, { hasFinalizer }, EFFECTS, () => step);

describe("a provider that only observes", () => {
  it("tells what would be done at the tenant, field by field, and does none of it", () => {
    const { actions, halt } = seen(false, false, {
      actions: [{ type: "updateApi", change: { scopes: [], tokens: {} } }],
    });
    expect(actions).toEqual([]);
    expect(halt).toMatchObject({ kind: "wait", reason: "ObserveOnly" });
    expect(halt?.kind === "wait" ? halt.message : "").toContain("update api (scopes, tokens)");
  });
  it("is content when only publishing would be left", () => {
    expect(seen(false, true, { actions: [{ type: "publishSecret" }] })).toEqual({ actions: [] });
  });
  it("passes a wait on", () => {
    const step: Plan<Action> = {
      actions: [],
      halt: { kind: "wait", reason: "ApiNotReady", message: "", liftedBy: ["api"] },
    };
    expect(seen(false, true, step)).toBe(step);
  });
  it("lets a deleted resource go and leaves everything", () => {
    expect(seen(true, true, { actions: [{ type: "removeClient" }] }).actions).toEqual([{ type: "removeFinalizer" }]);
    expect(seen(true, false, { actions: [{ type: "removeClient" }] }).actions).toEqual([]);
  });
});
