import { expect, it } from "vitest";
import { z } from "zod";
import type { KindContext } from "../../../../src/kinds/kind-context.ts";
import { wantedRotation } from "../../../../src/kinds/m2m-client/rotation/desire.ts";
import type { M2MClient } from "../../../../src/kinds/m2m-client/schema.ts";
import { KINDS, type KindDefinition } from "../../../../src/kinds/registry.ts";
import { type BaseStatus, reportStatus } from "../../../../src/kinds/status/report.ts";
import { requestedRead } from "../../../../src/kinds/status/requested-read.ts";
import type { Resource } from "../../../../src/ports/resource.ts";
import { createFakeResource } from "../../../fakes/objects.ts";

const NOW = new Date("2026-01-01T00:00:00Z");

interface Shape {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
}

/**
 * More of everything than the schema allows, in characters of two code units each. Of a
 * long list only the first item is too long itself.
 */
function tooMuch(shape: Shape, isLong = true): unknown {
  const { maxLength = 0, properties = {} } = shape;
  if (shape.enum !== undefined) return shape.enum[0];
  if (shape.format === "date-time") return NOW.toISOString();
  if (shape.type === "string") return isLong ? "𝄞".repeat(maxLength + 1) : "𝄞";
  if (shape.type === "boolean") return true;
  if (shape.type === "array") return isLong ? listOf(shape) : [];
  if (shape.type === "object")
    return Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, tooMuch(member, isLong)]));
  return 1;
}

const listOf = ({ maxItems = 0, items = {} }: Shape): unknown[] =>
  Array.from({ length: maxItems + 1 }, (_, index) => tooMuch(items, index === 0));

const statusOf = ({ schema }: KindDefinition): z.ZodType => (schema.shape as { status: z.ZodType }).status;
const shapeOf = (definition: KindDefinition): Shape => z.toJSONSchema(statusOf(definition), { io: "input" }) as Shape;

const LONG = "2026-01-01T00:00:00Z ".repeat(20);
type AnyResource = Resource<unknown, BaseStatus>;

const resourceOf = (kind: string, status?: BaseStatus): AnyResource => ({
  ...{ apiVersion: "m2m-operator.io/v1alpha1", kind, spec: {} },
  metadata: {
    ...{ name: "job", namespace: "team", uid: "u", resourceVersion: "1", generation: 1 },
    annotations: {
      "m2m-operator.io/reconcile-requested-at": LONG,
      "m2m-operator.io/rotate-requested-at": LONG,
    },
  },
  ...(status === undefined ? {} : { status }),
});

const context = {
  ...{ now: () => NOW, settings: { startedAt: NOW }, events: { record: () => undefined } },
  memory: { requestedReads: new Map() },
} as unknown as KindContext;

async function reported(kind: string, fields: object, message: string, status?: BaseStatus): Promise<AnyResource> {
  const client = createFakeResource(resourceOf(kind, status));
  const result = { kind: "wait", reason: "Progressing", message } as const;
  const report = { result, judgements: [], readyMessage: "", fields, lookedAt: NOW, graceMs: 0 };
  await reportStatus(context, client, client.list()[0] as AnyResource, report as never);
  return client.list()[0] as AnyResource;
}

it.each(KINDS.map((definition) => [definition.kind, definition] as const))(
  "a status of %s is one that the API server takes, whatever comes into it from outside",
  async (kind, definition) => {
    const { conditions: _made, ...fields } = tooMuch(shapeOf(definition)) as BaseStatus;
    const { status } = await reported(kind, fields, "𝄞".repeat(40_000));
    // zod counts code units where the API server counts code points.
    const halved: unknown = JSON.parse(JSON.stringify(status).replaceAll("𝄞", "x"));
    expect(statusOf(definition).safeParse(halved)).toMatchObject({ success: true });
    expect(JSON.stringify(status)).toContain("𝄞");
    // JSON writes half a character as an escape.
    expect(JSON.stringify(status)).not.toMatch(/\\ud[89a-f]/);
  },
);

it("a status that was cut is not written again", async () => {
  const first = await reported("M2MClient", { clientId: "x".repeat(300) }, "long ".repeat(10_000));
  const again = await reported("M2MClient", { clientId: "x".repeat(300) }, "long ".repeat(10_000), first.status);
  expect(first.metadata.resourceVersion).toBe("2");
  expect(again.metadata.resourceVersion).toBe("1");
});

it("a status that is larger than an object may be is cut, and its conditions are not", async () => {
  const scopes = Array.from({ length: 250 }, (_, index) => `${String(index)}:${"s".repeat(270)}`);
  const grants = Array.from({ length: 100 }, (_, index) => ({ namespace: "n", name: `g${String(index)}`, scopes }));
  const { status } = await reported("OAuthApi", { grants, grantCount: 100 }, "What to do.");
  expect(JSON.stringify(status).length).toBeLessThan(1_000_000);
  expect(status?.conditions?.[0]?.message).toBe("What to do.");
  expect((status as { grants?: unknown[] }).grants?.length).toBeGreaterThan(0);
});

const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, reversed(member)] as const)
      .reverse(),
  );
};
const OUTPUT = { kind: "Secret", name: "job", uid: "u", resourceVersion: "1", renderedFrom: "d" };

it.each<[string, object, string]>([
  ["the same in another order", { clientId: "a", outputs: [OUTPUT], binding: { name: "b" } }, "1"],
  ["a member less", { clientId: "a", outputs: [OUTPUT] }, "2"],
  ["a member that is undefined", { clientId: "a", outputs: [OUTPUT], binding: undefined }, "2"],
  ["another text within a list", { clientId: "a", outputs: [{ ...OUTPUT, uid: "v" }], binding: { name: "b" } }, "2"],
  ["a longer list", { clientId: "a", outputs: [OUTPUT, OUTPUT], binding: { name: "b" } }, "2"],
  ["one member more", { clientId: "a", outputs: [OUTPUT], binding: { name: "b" }, tenant: "t" }, "2"],
])("a status with %s is written when it says something else", async (_what, fields, version) => {
  const first = await reported("M2MClient", { clientId: "a", binding: { name: "b" }, outputs: [OUTPUT] }, "");
  const again = await reported("M2MClient", fields, "", reversed(first.status) as BaseStatus);
  expect(again.metadata.resourceVersion).toBe(version);
});

it("a request that was cut counts as handled", async () => {
  const { status } = await reported("M2MClient", {}, "");
  expect(status?.lastHandledReconcileAt).toHaveLength(64);
  expect(requestedRead(context, resourceOf("M2MClient"))).toHaveLength(64);
  expect(requestedRead(context, resourceOf("M2MClient", status ?? {}))).toBeUndefined();
});

it("a request for a rotation is known by what status can hold of it", () => {
  const { request } = wantedRotation(resourceOf("M2MClient") as unknown as M2MClient, () => "00000000", NOW);
  expect(request).toBe(LONG.slice(0, 64));
});
