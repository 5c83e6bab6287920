import { afterAll, beforeAll, expect, it } from "vitest";
import { GROUP, KINDS, type KindName, VERSION } from "../../../src/kinds/registry.ts";
import { collectionPath } from "../../../src/kube/resources.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { admin, type Cluster } from "../cluster.ts";
import { BAD, FROZEN, GOOD } from "./documents.ts";

let cluster: Cluster;
let namespace: string;
beforeAll(async () => {
  cluster = admin();
  namespace = await cluster.createNamespace();
});
afterAll(async () => {
  await cluster.remove("Namespace", "", namespace);
  await cluster.close();
});

const definitionOf = (kind: KindName) => {
  const definition = KINDS.find((candidate) => candidate.kind === kind);
  if (definition === undefined) throw new Error(`no kind ${kind}`);
  return definition;
};
const isGoodToZod = (kind: KindName, spec: unknown): boolean => definitionOf(kind).schema.safeParse({ spec }).success;

function pathOf(kind: KindName): string {
  const { plural, scope } = definitionOf(kind);
  return collectionPath({ group: GROUP, version: VERSION, plural }, scope === "Cluster" ? "" : namespace);
}

const body = (kind: KindName, name: string, spec: unknown) => ({
  apiVersion: `${GROUP}/${VERSION}`,
  kind,
  metadata: { name },
  spec,
});

/** What the API server says without keeping anything; `undefined` when it agrees. */
async function refusal(kind: KindName, spec: unknown): Promise<string | undefined> {
  try {
    await cluster.connection.request({
      method: "POST",
      path: pathOf(kind),
      query: { dryRun: "All", fieldValidation: "Strict" },
      body: body(kind, "document", spec),
    });
    return undefined;
  } catch (error) {
    if (error instanceof KubeError && (error.code === 422 || error.code === 400)) return error.message;
    throw error;
  }
}

it.each(GOOD.map(({ kind, spec }, index) => [kind, index, spec] as const))(
  "a good %s (%i) is taken",
  async (kind, _index, spec) => {
    expect(await refusal(kind, spec)).toBeUndefined();
    expect(isGoodToZod(kind, spec)).toBe(true);
  },
);

it.each(BAD.map((document) => [document.kind, document.what, document] as const))(
  "%s with %s is refused, and told what to do",
  async (kind, _what, { spec, says, isServerOnly = false }) => {
    expect(await refusal(kind, spec)).toContain(says);
    expect(isGoodToZod(kind, spec)).toBe(isServerOnly);
  },
);

it("there are at least forty bad documents", () => {
  expect(BAD.length).toBeGreaterThanOrEqual(40);
});

it.each(FROZEN.map((row, index) => [row.kind, row.what, index, row] as const))(
  "%s cannot change %s",
  async (kind, _what, index, { before, change, says }) => {
    const name = `frozen-${namespace}-${String(index)}`;
    const path = pathOf(kind);
    await cluster.connection.request({ method: "POST", path, body: body(kind, name, before) });
    const patching = cluster.connection.request({
      method: "PATCH",
      path: `${path}/${name}`,
      contentType: "application/merge-patch+json",
      body: { spec: change },
    });
    await expect(patching).rejects.toThrow(says);
    await cluster.connection.request({ method: "DELETE", path: `${path}/${name}` });
  },
);

it("a client whose state Secret's name would be too long is refused", async () => {
  const request = cluster.connection.request({
    method: "POST",
    path: pathOf("M2MClient"),
    query: { dryRun: "All" },
    body: body("M2MClient", "a".repeat(241), {}),
  });
  await expect(request).rejects.toThrow("at most 240 characters");
});

const patched = async (name: string, before: object, change: object): Promise<string | undefined> => {
  const path = pathOf("M2MClient");
  await cluster.connection.request({ method: "POST", path, body: body("M2MClient", name, before) });
  try {
    await cluster.connection.request({
      method: "PATCH",
      path: `${path}/${name}`,
      contentType: "application/merge-patch+json",
      body: { spec: change },
    });
    return undefined;
  } catch (error) {
    if (error instanceof KubeError && error.code === 422) return error.message;
    throw error;
  } finally {
    await cluster.connection.request({ method: "DELETE", path: `${path}/${name}` });
  }
};
const BINDING = "servicebinding.io/oauth2";

it.each([
  ["with another name", {}, { secret: { name: "other", type: BINDING } }],
  ["by removing spec.secret, which named it otherwise", { secret: { name: "a", type: BINDING } }, { secret: null }],
  ["not at all, by writing the default", {}, { secret: { type: "Opaque", name: "typed-2" } }],
])("the type of a Secret may change %s", async (_how, before, change) => {
  expect(await patched("typed-2", before, change)).toBeUndefined();
});

it("the type of a Secret cannot change under a name that is only written out", async () => {
  const says = await patched("typed-3", {}, { secret: { name: "typed-3", type: BINDING } });
  expect(says).toContain("change secret.name");
});
