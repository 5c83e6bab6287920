import { expect, it } from "vitest";
import type { Preview, PreviewedObject } from "../../../src/assembly/preview/preview.ts";
import { previewStatus } from "../../../src/assembly/preview/report.ts";
import { changePreviewSchema } from "../../../src/kinds/change-preview/schema.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const OPTIONS = { namespace: "payroll", generation: 1, ownBytes: 0, now: NOW };

const object = (index: number, isRefused: boolean): PreviewedObject => ({
  ...{ kind: "ScopeGrant", namespace: "payroll", name: `grant-${String(index)}` },
  ready: { status: isRefused ? "False" : "True", reason: "Ready", message: "x" },
  ...{ isRefused, isChanged: true },
});

const previewOf = (objects: readonly PreviewedObject[]): Preview => ({
  ...{ objects, steps: [], passes: 0, isComplete: true },
  outcome: objects.some(({ isRefused }) => isRefused) ? "Refused" : "NoChanges",
});

it("names no more objects than the API server takes, and first those that are refused", () => {
  const many = Array.from({ length: 5000 }, (_each, index) => object(index, index === 4999));
  const status = previewStatus(previewOf(many), OPTIONS);
  expect(changePreviewSchema.safeParse({ spec: {}, status }).success).toBe(true);
  expect(status.objects?.length).toBeLessThan(5000);
  expect(status.objects?.[0]).toMatchObject({ object: "ScopeGrant payroll/grant-4999", refused: true });
});

it("leaves room for the manifests, whatever else there is to say", () => {
  const many = Array.from({ length: 3000 }, (_each, index) => object(index, index < 1500));
  const step = { owner: many[0] as PreviewedObject, target: "Tenant" as const, action: "update client" };
  const steps = many.map(() => ({ ...step, subject: "x".repeat(500), changes: [], isDestructive: false }));
  for (const ownBytes of [0, 900_000, 1_200_000, 1_450_000]) {
    const status = previewStatus({ ...previewOf(many), steps }, { ...OPTIONS, ownBytes });
    expect(ownBytes + Buffer.byteLength(JSON.stringify(status))).toBeLessThan(1.5 * 1024 * 1024 - 50_000);
    const { objects = [], omittedObjects = 0, omittedSteps = 0 } = status;
    expect(objects.length + omittedObjects).toBe(3000);
    expect((status.steps ?? []).length + omittedSteps).toBe(3000);
    expect([objects[0]?.refused, status.steps?.length === 0]).toEqual([true, false]);
  }
});

it("names no object of another namespace", () => {
  const theirs = { ...object(1, false), namespace: "theirs" };
  expect(previewStatus(previewOf([theirs, object(2, false)]), OPTIONS).objects).toHaveLength(1);
});
