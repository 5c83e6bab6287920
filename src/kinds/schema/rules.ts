import { z } from "zod";

/** A rule across fields: judged by the API server (CEL) at `kubectl apply`, and by zod in the same words. */
export interface Rule<T> {
  /** CEL, `self` being the value. A rule that reads `oldSelf` runs on updates only. */
  readonly rule: string;
  /** Says what to do. */
  readonly message: string;
  /** The rule for zod. A transition rule, which needs the old value, has none. */
  readonly holds?: (value: T) => boolean;
}

interface Validation {
  readonly rule: string;
  readonly message: string;
}

/** Attaches rules to a schema, beside those that it has, so that both judges have them. */
export function withRules<S extends z.ZodType>(schema: S, rules: readonly Rule<z.output<S>>[]): S {
  let checked: z.ZodType = schema;
  for (const { holds, message } of rules)
    if (holds !== undefined) checked = checked.refine((value) => holds(value as z.output<S>), { message });
  const before = (schema.meta()?.["x-kubernetes-validations"] ?? []) as readonly Validation[];
  const others = before.filter(({ rule }) => rules.every((added) => added.rule !== rule));
  const validations = [...others, ...rules.map(({ rule, message }): Validation => ({ rule, message }))];
  return checked.meta({ ...schema.meta(), "x-kubernetes-validations": validations }) as S;
}

/** A text of CEL that holds this pattern. */
export const celPattern = (pattern: string): string => `'${pattern.replaceAll("\\", "\\\\")}'`;

/** A text of this pattern (RE2), in place of the schema's own pattern, which the API server shows instead of a message. */
export function matching(text: z.ZodString, pattern: string, message: string): z.ZodString {
  const expression = new RegExp(pattern, "u");
  const rule = `self.matches(${celPattern(pattern)})`;
  return withRules(text, [{ rule, message, holds: (value) => expression.test(value) }]);
}

/** A list in which `key` is unique: the API server merges and checks it by key. */
export function mapList<S extends z.ZodObject>(item: S, key: string & keyof z.output<S>, maxItems: number) {
  return z
    .array(item)
    .max(maxItems)
    .refine((items) => new Set(items.map((entry) => entry[key])).size === items.length, {
      message: `each ${key} may occur once`,
    })
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key] });
}

/** A list of texts without order and without duplicates. */
export function textSet<S extends z.ZodType<string>>(item: S, maxItems: number) {
  return z
    .array(item)
    .max(maxItems)
    .refine((items) => new Set(items).size === items.length, { message: "each entry may occur once" })
    .meta({ "x-kubernetes-list-type": "set" });
}

/** A list that is replaced as a whole. */
export function atomicList<S extends z.ZodType>(item: S, maxItems: number) {
  return z.array(item).max(maxItems).meta({ "x-kubernetes-list-type": "atomic" });
}

/** Texts by text; the API server bounds how many, zod checks the same. */
export function textMap(maxEntries: number, maxLength: number, maxKeyLength: number) {
  return withRules(z.record(z.string(), z.string().max(maxLength)).meta({ maxProperties: maxEntries }), [
    {
      rule: `self.all(key, size(key) <= ${String(maxKeyLength)})`,
      message: `keys may have at most ${String(maxKeyLength)} characters: shorten it`,
      holds: (entries) => Object.keys(entries).every((key) => key.length <= maxKeyLength),
    },
  ]).refine((entries) => Object.keys(entries).length <= maxEntries, {
    message: `at most ${String(maxEntries)} entries`,
  });
}
