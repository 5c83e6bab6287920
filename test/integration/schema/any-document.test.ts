import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Structural, structuralSchema } from "../../../scripts/generate/structural.ts";
import { desire as desiredApi } from "../../../src/kinds/oauth-api/desire.ts";
import { desire as desiredClient } from "../../../src/kinds/m2m-client/desire.ts";
import { desire as desiredGrant } from "../../../src/kinds/scope-grant/desire.ts";
import { desire as desiredProvider, settingsOf } from "../../../src/kinds/identity-provider/desire.ts";
import { GROUP, KINDS, type KindDefinition, type KindName, VERSION } from "../../../src/kinds/registry.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { collectionPath } from "../../../src/kube/resources.ts";
import { admin, type Cluster } from "../cluster.ts";
import { GOOD } from "./documents.ts";
import { mutated, type Path } from "./mutations.ts";

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

const NOW = new Date("2026-01-01T00:00:00Z");
const zeros = (): string => "0".repeat(64);

/** What the operator makes of a resource before it asks anybody. */
const WISHES: Readonly<Record<KindName, (resource: never) => unknown>> = {
  ClusterIdentityProvider: (resource) => [desiredProvider(resource), settingsOf(resource)],
  IdentityProvider: (resource) => [desiredProvider(resource), settingsOf(resource)],
  OAuthApi: (resource) => desiredApi(resource, "instance", zeros),
  M2MClient: (resource) => desiredClient(resource, "instance", zeros, NOW),
  ScopeGrant: (resource) => desiredGrant(resource),
};

type Answer = { readonly resource: unknown } | { readonly refusal: string };

/** What the API server says of it, without keeping anything. */
async function answerTo({ kind, plural, scope }: KindDefinition, spec: unknown): Promise<Answer> {
  const path = collectionPath({ group: GROUP, version: VERSION, plural }, scope === "Cluster" ? "" : namespace);
  const body = { apiVersion: `${GROUP}/${VERSION}`, kind, metadata: { name: "any" }, spec };
  const query = { dryRun: "All", fieldValidation: "Strict" };
  try {
    return { resource: await cluster.connection.request({ method: "POST", path, query, body }) };
  } catch (error) {
    if (error instanceof KubeError && (error.code === 422 || error.code === 400)) return { refusal: error.message };
    throw error;
  }
}

/** Whether the message names one of the fields, one around it or one in it. */
function namesOne(message: string, at: readonly Path[]): boolean {
  const named = [...message.matchAll(/\bspec(?:[.[][^\s:,]*)?/g)].map(([path]) => dotted(path));
  const isIn = (one: string, other: string): boolean => `${one}.`.startsWith(`${other}.`);
  return at
    .map((path) => dotted(["spec", ...path].join(".")))
    .some((changed) => named.some((field) => isIn(field, changed) || isIn(changed, field)));
}

/** `a[0].b` and `a["x.y"]` as `a.0.b` and `a.x.y`. */
const dotted = (path: string): string =>
  path
    .split(/[.[\]"]+/)
    .filter(Boolean)
    .join(".");

const seed = process.env["M2M_PROPERTIES_SEED"];

it.each(KINDS.map((definition) => [definition.kind, definition] as const))(
  "whatever %s the API server takes, the operator can read; of what it refuses, it names the field",
  async (kind, definition) => {
    const good = GOOD.filter((document) => document.kind === kind).map(({ spec }) => spec);
    const specSchema = structuralSchema(definition.schema).properties?.["spec"] as Structural;
    const property = fc.asyncProperty(mutated(specSchema, good), async ({ spec, at }) => {
      const answer = await answerTo(definition, spec);
      if ("refusal" in answer) {
        expect(namesOne(answer.refusal, at), `names none of ${JSON.stringify(at)}: ${answer.refusal}`).toBe(true);
        return;
      }
      const { success, error } = definition.schema.safeParse(answer.resource);
      expect(success, error?.message).toBe(true);
      WISHES[kind](answer.resource as never);
    });
    await fc.assert(property, { numRuns: 60, ...(seed === undefined ? {} : { seed: Number(seed) }) });
  },
);
