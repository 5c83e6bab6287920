import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { z } from "zod";
import { structuralSchema } from "../../../scripts/generate/structural.ts";
import { withRules } from "../../../src/kinds/schema/rules.ts";
import { atMostOneOf, exactlyOneOf, listOf, sameOf } from "../../../src/kinds/schema/variants.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { admin, type Cluster } from "../cluster.ts";

const GROUP = "variants.test";
const NAMES = ["first", "second", "third", "fourth"];
const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const variants = () =>
  z.object(Object.fromEntries(NAMES.map((name) => [name, z.object({ at: z.string().max(20).optional() }).optional()])));
const spec = z.object({
  one: withRules(variants(), [exactlyOneOf(NAMES, `set exactly one: ${listOf(NAMES)}`), sameOf(NAMES, "stays")]),
  few: withRules(variants(), [atMostOneOf(NAMES, `set one at most: ${listOf(NAMES)}`)]).optional(),
});
const schema = z.object({ spec });

let cluster: Cluster;
let path: string;
beforeAll(async () => {
  cluster = admin();
  const namespace = await cluster.createNamespace();
  path = `/apis/${GROUP}/v1/namespaces/${namespace}/things`;
  await cluster.connection.request({ method: "POST", path: DEFINITIONS, body: definition() });
  await vi.waitFor(isServed, 20_000);
});
afterAll(async () => {
  await cluster.connection.request({ method: "DELETE", path: `${DEFINITIONS}/things.${GROUP}` });
  await cluster.close();
});

const definition = () => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `things.${GROUP}` },
  spec: {
    group: GROUP,
    names: { kind: "Thing", listKind: "ThingList", plural: "things", singular: "thing" },
    scope: "Namespaced",
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: structuralSchema(schema) } }],
  },
});

const isServed = (): Promise<unknown> => cluster.connection.request({ method: "GET", path });

const thing = (content: unknown, name = "thing") => ({
  apiVersion: `${GROUP}/v1`,
  kind: "Thing",
  metadata: { name },
  spec: content,
});

async function refusal(content: unknown): Promise<string | undefined> {
  try {
    await cluster.connection.request({ method: "POST", path, query: { dryRun: "All" }, body: thing(content) });
    return undefined;
  } catch (error) {
    if (error instanceof KubeError && error.code === 422) return error.message;
    throw error;
  }
}

/** Every choice of the four names, as a spec's variants. */
const choices = Array.from({ length: 2 ** NAMES.length }, (_, bits) => NAMES.filter((_name, at) => (bits >> at) & 1));
const chosen = (names: readonly string[]): object => Object.fromEntries(names.map((name) => [name, {}]));

it.each(choices.map((names) => [names.join(", ") || "none", names] as const))(
  "of four variants with %s set, server and zod agree",
  async (_what, names) => {
    const one = { one: chosen(names) };
    expect((await refusal(one)) === undefined).toBe(names.length === 1);
    expect(schema.safeParse({ spec: one }).success).toBe(names.length === 1);
    const few = { one: chosen(["first"]), few: chosen(names) };
    expect((await refusal(few)) === undefined).toBe(names.length <= 1);
    expect(schema.safeParse({ spec: few }).success).toBe(names.length <= 1);
  },
);

it("tells which variants there are", async () => {
  expect(await refusal({ one: {} })).toContain("set exactly one: first, second, third or fourth");
});

it("keeps the variant that was chosen, whichever it is, and lets its content change", async () => {
  await cluster.connection.request({ method: "POST", path, body: thing({ one: { third: {} } }, "kept") });
  const patch = (one: object) =>
    cluster.connection.request({
      ...{ method: "PATCH", path: `${path}/kept`, contentType: "application/merge-patch+json" },
      body: { spec: { one } },
    });
  await patch({ third: { at: "x" } });
  await expect(patch({ third: null, fourth: {} })).rejects.toThrow("stays");
});
