import { expect, it } from "vitest";
import { isConfirmationHandled, pendingConfirmations } from "../../../cli/annotations/confirmations.ts";
import { pauseProgress, reconcileProgress, resumeProgress } from "../../../cli/annotations/progress.ts";
import { compromiseProgress, compromiseTime, rotationProgress } from "../../../cli/annotations/rotation.ts";
import { ANNOTATIONS } from "../../../src/kinds/schema/annotations.ts";
import { client, condition, object, READY, stalled } from "./objects.ts";

const REQUEST = "2026-05-01T12:00:00.000Z";
const rotating = (status: object) => client({ annotations: { [ANNOTATIONS.rotateRequestedAt]: REQUEST }, status });
const credential = (state: string, createdAt: string, more: object = {}) => ({ id: state, state, createdAt, ...more });

it("a rotation waits until the operator put the new credential in force", () => {
  expect(rotationProgress(rotating({}), "in-force")).toMatchObject({ state: "waiting" });
  expect(rotationProgress(rotating({ rotation: "Announced" }), "in-force").text).toMatch(/not in force yet/);
  const pending = condition("RotationPending", "True", "RotationPending", "It starts at noon.");
  expect(rotationProgress(rotating({ conditions: [READY, pending] }), "in-force").text).toBe("It starts at noon.");
  const handled = { lastHandledRotateAt: REQUEST };
  expect(rotationProgress(rotating({ ...handled, rotation: "Idle" }), "in-force").state).toBe("done");
});

it("a rotation in force says until when the old credential is valid, and which Pods still use it", () => {
  const status = {
    ...{ lastHandledRotateAt: REQUEST, rotation: "Retiring", waitingForPods: ["importer-1", "importer-2"] },
    credentials: [
      credential("Current", "2026-05-01T12:00:01Z"),
      credential("Retiring", "2026-04-01T00:00:00Z", { retireAt: "2026-05-02T12:00:01Z" }),
    ],
  };
  const inForce = rotationProgress(rotating(status), "in-force");
  expect(inForce.state).toBe("done");
  expect(inForce.text).toContain("is valid at least until 2026-05-02T12:00:01Z.");
  expect(inForce.text).toContain("importer-1, importer-2");
  expect(rotationProgress(rotating(status), "revoked").state).toBe("waiting");
  expect(rotationProgress(rotating({ ...status, rotation: "Idle", credentials: [] }), "revoked").state).toBe("done");
});

it("a rotation of a client that needs a person is stuck, with the operator's message", () => {
  const conditions = stalled("RotationBlocked", "The client has two secrets.");
  const progress = rotationProgress(rotating({ conditions }), "in-force");
  expect(progress).toEqual({ state: "stuck", text: "RotationBlocked: The client has two secrets." });
});

it("a compromise is handled once no credential is older than its time", () => {
  const leaked = (credentials: readonly object[]) =>
    client({ annotations: { [ANNOTATIONS.compromisedAt]: REQUEST }, status: { credentials } });
  const old = credential("Current", "2026-04-01T00:00:00Z");
  const fresh = credential("Current", "2026-05-01T12:00:01Z");
  expect(compromiseProgress(leaked([old]))).toEqual({ state: "waiting", text: "1 credential is not revoked yet." });
  expect(compromiseProgress(leaked([fresh, { ...old, state: "Retiring" }])).state).toBe("waiting");
  expect(compromiseProgress(leaked([])).state).toBe("waiting");
  expect(compromiseProgress(leaked([fresh])).state).toBe("done");
});

it("the time of a compromise covers every known credential, whatever the clock of this machine says", () => {
  const behind = new Date("2026-01-01T00:00:00Z");
  const status = {
    credentials: [credential("Current", "2026-05-01T12:00:01.000Z"), credential("Retiring", "2026-04-01T00:00:00Z")],
    lastRotationAt: "2026-05-01T12:00:03.000Z",
  };
  expect(compromiseTime(client({ status }), behind)).toBe("2026-05-01T12:00:03.001Z");
  expect(compromiseTime(client(), behind)).toBe(behind.toISOString());
});

it("a reconciliation is done once the request was handled and the resource is Ready", () => {
  const annotations = { [ANNOTATIONS.reconcileRequestedAt]: REQUEST };
  const requested = (status: object) => client({ annotations, status });
  expect(reconcileProgress(requested({ lastHandledReconcileAt: "earlier" })).state).toBe("waiting");
  expect(reconcileProgress(requested({ lastHandledReconcileAt: REQUEST })).state).toBe("done");
  const conditions = stalled("NotOwned", "Another client exists.");
  expect(reconcileProgress(requested({ lastHandledReconcileAt: REQUEST, conditions })).state).toBe("stuck");
});

it("pause and resume follow the reason Paused", () => {
  const paused = client({ status: { conditions: [condition("Ready", "Unknown", "Paused")] } });
  expect([pauseProgress(paused).state, resumeProgress(paused).state]).toEqual(["done", "waiting"]);
  expect([pauseProgress(client()).state, resumeProgress(client()).state]).toEqual(["waiting", "done"]);
});

it("a spec that the operator has not seen is not Ready", () => {
  expect(resumeProgress(client({ generation: 2 })).state).toBe("waiting");
});

it("only what waits for this annotation is pending, and is handled once it no longer waits", () => {
  const pending = (annotation: string, value: string) => ({ annotation, value, message: `Confirm ${value}.` });
  const [first, second] = [pending(ANNOTATIONS.confirmRevocations, "1"), pending(ANNOTATIONS.confirmRevocations, "2")];
  const orphans = pending(ANNOTATIONS.confirmOrphans, "3");
  const provider = object("ClusterIdentityProvider", "default", {
    status: { pendingConfirmations: [first, orphans, second] },
  });
  expect(pendingConfirmations(provider, ANNOTATIONS.confirmRevocations)).toEqual([first, second]);
  expect(pendingConfirmations(provider, ANNOTATIONS.confirmOrphans)).toEqual([orphans]);
  expect(isConfirmationHandled(provider, ANNOTATIONS.confirmRevocations, "2")).toBe(false);
  expect(isConfirmationHandled(provider, ANNOTATIONS.confirmOrphans, "2")).toBe(true);
  expect(pendingConfirmations(object("OAuthApi", "new", {}), ANNOTATIONS.confirmRevocations)).toEqual([]);
});
