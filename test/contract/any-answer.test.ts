import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProviderError } from "../../src/ports/provider-error.ts";
import { seeded } from "../properties/holds.ts";
import type { RightAnswer } from "./bad-answers.ts";
import { type Outcome, replacing, type Tenant, tenantOf } from "./replaced.ts";
import { AUTH0_WAYS, OKTA_WAYS } from "./ways.ts";

type Path = readonly (string | number)[];

/** One change of a document: where, counted through all its members, and to what; `REMOVED`: the member goes. */
interface Change {
  readonly at: number;
  readonly value: unknown;
}

const REMOVED = Symbol("removed");

const changes: fc.Arbitrary<Change> = fc.record({
  at: fc.nat({ max: 400 }),
  value: fc.oneof(
    fc.constantFrom<unknown>(REMOVED, null, true, 0, -1, 1.5, 1e21, "", "..", "a/b", [], {}, [null], [{}], { id: "x" }),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.constantFrom<unknown>("x".repeat(100_000), [[[[[]]]]], JSON.parse('{"__proto__": {"id": "x"}}')),
  ),
});

const isParent = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Every member of the document, at any depth. */
function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (!isParent(value)) return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [path, ...keys.flatMap((key) => pathsIn((value as Record<string | number, unknown>)[key], [...path, key]))];
}

function changed(value: unknown, [key, ...deeper]: Path, to: unknown): unknown {
  if (key === undefined) return to === REMOVED ? null : to;
  const members = Object.entries(value as object).flatMap(([name, member]): [string, unknown][] => {
    if (name !== String(key)) return [[name, member]];
    return deeper.length === 0 && to === REMOVED ? [] : [[name, changed(member, deeper, to)]];
  });
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members);
}

/** The right answer with one change, and where that is; `undefined` where there is no document. */
function mutation(
  { at, value }: Change,
  { text }: RightAnswer,
): { readonly response: Response; readonly path: Path } | undefined {
  if (text === "") return undefined;
  const document: unknown = JSON.parse(text);
  const paths = pathsIn(document);
  const path = paths[at % paths.length] ?? [];
  const body = JSON.stringify(changed(document, path, value));
  return { path, response: new Response(body, { headers: { "content-type": "application/json" } }) };
}

/** Members of what an adapter returns that say which object is meant. */
const TELLING = new Set(["ref", "clientId", "client", "api", "audience", "keyRefs", "ids", "keyId"]);

/** Their texts. */
function tellingIn(value: unknown, isTelling = false): readonly string[] {
  if (typeof value === "string") return isTelling ? value.split("/") : [];
  if (!isParent(value) || value instanceof Date) return [];
  const members = Array.isArray(value) ? value.map((item): [string, unknown] => ["", item]) : Object.entries(value);
  return members.flatMap(([key, member]) => tellingIn(member, TELLING.has(key) || (key === "" && isTelling)));
}

/** How many there are: of a list its length, of anything else whether it is there. */
const countOf = (value: unknown): number => (Array.isArray(value) ? value.length : Number(value !== undefined));

const VENDORS = [
  ["auth0", AUTH0_WAYS],
  ["okta", OKTA_WAYS],
] as const;

describe.each(VENDORS)("an answer of %s that is changed in one place", (vendor, ways) => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await tenantOf(vendor);
  }, 60_000);
  afterAll(() => tenant.present.sandbox.close());

  const answeredBy = async (route: string, from: (right: RightAnswer) => Response | undefined): Promise<Outcome> => {
    const [way, before] = ways[route] ?? [];
    if (way === undefined) throw new Error(`no way to ${route}`);
    tenant.restore();
    await before?.(await tenant.connect(), tenant.present);
    return replacing(tenant.connect, route, (provider) => way(provider, tenant.present), from);
  };

  it("is refused, or believed in everything that was not changed", async () => {
    const property = fc.asyncProperty(fc.constantFrom(...Object.keys(ways)), changes, async (route, change) => {
      const right = await answeredBy(route, () => undefined);
      const seen: { text: string; path: Path } = { text: "", path: [] };
      const outcome = await answeredBy(route, (answer) => {
        const made = mutation(change, answer);
        Object.assign(seen, { text: answer.text, path: made?.path ?? [] });
        return made?.response;
      });
      if (outcome.is !== "replaced") return;
      expectBelievable(right, outcome, seen);
    });
    await fc.assert(property, seeded(150));
  }, 60_000);
});

/** A reading is an error, or shows what exists; only what was changed itself may read otherwise. */
function expectBelievable(
  right: Outcome,
  { error, value }: Outcome,
  { path, text }: { text: string; path: Path },
): void {
  const where = `at ${path.join(".")}`;
  if (error !== undefined) {
    expect(error, where).toBeInstanceOf(ProviderError);
    return;
  }
  const member = path.reduce<unknown>((part, key) => (part as Record<string | number, unknown>)[key], JSON.parse(text));
  const inChanged = JSON.stringify(member) ?? "";
  // A secret is one text, and a tenant may hide it.
  if (typeof right.value === "string" && inChanged.includes(right.value)) return;
  const lost = tellingIn(right.value).filter((id) => text.includes(id) && !inChanged.includes(id));
  const isItemChanged = path.some((key) => typeof key === "number");
  if (!isItemChanged) {
    expect(countOf(value), `${where}: something is gone`).toBe(countOf(right.value));
    expect(tellingIn(value), `${where}: something else`).toEqual(expect.arrayContaining([...new Set(lost)]));
  }
}
