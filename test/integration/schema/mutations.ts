import fc from "fast-check";
import type { Structural } from "../../../scripts/generate/structural.ts";

export type Path = readonly (string | number)[];

/** A spec that somebody might write, and where it was changed. */
export interface Mutated {
  readonly spec: unknown;
  readonly at: readonly Path[];
}

interface Place {
  readonly path: Path;
  readonly schema: Structural;
  readonly value: unknown;
}

const REMOVED = Symbol("removed");

/** A good spec, changed in one place or two: by other values that fit, by values at an edge, and by values that never fit. */
export function mutated(schema: Structural, good: readonly unknown[]): fc.Arbitrary<Mutated> {
  const once = ({ spec, at }: Mutated): fc.Arbitrary<Mutated> =>
    fc
      .constantFrom(...placesIn(schema, spec, []))
      .chain((place) =>
        valuesFor(place).map((value) => ({ spec: replaced(spec, place.path, value), at: [...at, place.path] })),
      );
  const start = fc.constantFrom(...good).map((spec): Mutated => ({ spec, at: [] }));
  const changed = start.chain(once);
  return fc.oneof({ weight: 3, arbitrary: changed }, changed.chain(once));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every field that the spec has or could have at once. */
function placesIn(schema: Structural, value: unknown, path: Path): readonly Place[] {
  const own = path.length === 0 ? [] : [{ path, schema, value }];
  const inside = (part: Structural, key: string | number, member: unknown): readonly Place[] =>
    placesIn(part, member, [...path, key]);
  const { properties = {}, items, additionalProperties } = schema as Structural & Parts;
  if (Array.isArray(value) && items !== undefined)
    return [
      ...own,
      ...[...(value as unknown[]), undefined].slice(0, 3).flatMap((item, index) => inside(items, index, item)),
    ];
  if (!isRecord(value)) return own;
  const named = Object.entries(properties).flatMap(([key, part]) => inside(part, key, value[key]));
  if (!isRecord(additionalProperties)) return [...own, ...named];
  const keys = [...Object.keys(value), "new", "a/b", "", "__proto__"];
  return [...own, ...named, ...keys.flatMap((key) => inside(additionalProperties, key, value[key]))];
}

interface Parts {
  readonly items?: Structural;
  readonly additionalProperties?: Structural | boolean;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string }[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
}

function valuesFor({ schema, value }: Place): fc.Arbitrary<unknown> {
  const twice = Array.isArray(value) ? [fc.constant([...(value as unknown[]), ...(value as unknown[])])] : [];
  return fc.oneof(
    { weight: 4, arbitrary: fitting(schema) },
    { weight: 3, arbitrary: atEdge(schema) },
    { weight: 2, arbitrary: ODD },
    fc.constant(REMOVED),
    ...twice,
  );
}

const ODD: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e21, "", " ", "a", "\u0000", "\ud800"),
  fc.constantFrom<unknown>([], [null], ["a", "a"], {}, { a: 1 }, { unknown: {} }, "x".repeat(100_000)),
  fc.string({ unit: "binary", maxLength: 20 }),
);

function fitting(schema: Structural): fc.Arbitrary<unknown> {
  const { additionalProperties, items, properties = {}, required = [], ...limits } = schema as Structural & Parts;
  if (limits.enum !== undefined) return fc.constantFrom(...limits.enum);
  switch (schema.type ?? "string") {
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: limits.minimum ?? -1000, max: limits.maximum ?? 1000 });
    case "array":
      return fc.array(fitting(items ?? {}), { maxLength: 2 });
    case "object":
      return isRecord(additionalProperties)
        ? fc.dictionary(fc.constantFrom("a", "b/c", "x-y", "A.b"), fitting(additionalProperties), { maxKeys: 2 })
        : fc.record(Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, fitting(part)])), {
            requiredKeys: [...required],
          });
    default:
      return textOf(limits);
  }
}

/** The schema's own pattern, or the one in a rule that takes its place because a rule has a message. */
function patternIn({ pattern, "x-kubernetes-validations": rules = [] }: Parts): string | undefined {
  const matched = rules.map(({ rule }) => /^self\.matches\('(.*?)'\)/.exec(rule)?.[1]);
  return pattern ?? matched.find((one) => one !== undefined)?.replaceAll("\\\\", "\\");
}

/** Patterns with classes of Unicode cannot be generated from, and allow nearly everything. */
function textOf({ maxLength = 50, minLength = 0, ...parts }: Parts): fc.Arbitrary<string> {
  const pattern = patternIn(parts);
  const most = Math.max(minLength, Math.min(maxLength, 40));
  if (pattern === undefined || pattern.includes("\\p"))
    return fc.string({ unit: "grapheme", minLength, maxLength: most });
  return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length >= minLength && text.length <= maxLength);
}

function atEdge({
  maxItems,
  maxLength,
  maximum,
  minimum,
  minLength,
  type,
  ...schema
}: Structural & Parts): fc.Arbitrary<unknown> {
  if (type === "integer") return around(minimum ?? 0, maximum ?? 1000);
  if (type === "array" && maxItems !== undefined && maxItems <= 100)
    return fitting(schema.items ?? {}).chain((item) =>
      around(1, maxItems).map((length) => Array.from({ length }, () => item)),
    );
  const lengths = around(minLength ?? 0, Math.min(maxLength ?? 300, 10_000));
  return fc
    .record({ length: lengths, character: fc.constantFrom("a", "é", "😀", "9") })
    .map(({ length, character }) => character.repeat(length));
}

const around = (min: number, max: number): fc.Arbitrary<number> =>
  fc.constantFrom(Math.max(0, min - 1), min, max, max + 1);

/** A copy with another value at this place. */
function replaced(whole: unknown, [key, ...deeper]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(whole)) {
    const copy = [...(whole as unknown[])];
    const member = replaced(copy[Number(key)], deeper, value);
    copy.splice(Number(key), 1, ...(member === REMOVED ? [] : [member]));
    return copy;
  }
  const others = Object.entries(isRecord(whole) ? whole : {}).filter(([name]) => name !== key);
  const member = replaced(isRecord(whole) ? whole[key] : undefined, deeper, value);
  return Object.fromEntries(member === REMOVED ? others : [...others, [key, member]]);
}
