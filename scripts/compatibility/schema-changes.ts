/** The part of an OpenAPI schema that an API server enforces. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string }[];
  readonly [keyword: string]: unknown;
}

/** Something that was accepted and no longer is, or means something else. */
export interface Change {
  /** For example `spec.scopes[].name`. */
  readonly path: string;
  readonly what: string;
}

/** Raising these refuses what was accepted, lowering those does. */
const LOWER_BOUNDS = ["minimum", "minLength", "minItems", "minProperties"] as const;
const UPPER_BOUNDS = ["maximum", "maxLength", "maxItems", "maxProperties"] as const;
/** Any other value of these is another language. */
const EXACT = ["type", "pattern", "format", "x-kubernetes-list-type"] as const;

/**
 * What an object that was valid, or a client that relied on the schema, would notice: removed fields, other types,
 * narrowed bounds and enums, new required fields, other defaults, new rules. Empty when everything old still holds.
 */
export function breakingChanges(before: Schema, after: Schema, path = ""): readonly Change[] {
  return [
    ...exactChanges(before, after),
    ...boundChanges(before, after),
    ...valueChanges(before, after),
    ...ruleChanges(before, after),
    ...requiredChanges(before, after),
  ]
    .map((what): Change => ({ path, what }))
    .concat(childChanges(before, after, path));
}

const text = (value: unknown): string => (value === undefined ? "none" : JSON.stringify(value));

function exactChanges(before: Schema, after: Schema): readonly string[] {
  return EXACT.filter((keyword) => before[keyword] !== after[keyword] && after[keyword] !== undefined).map(
    (keyword) => `${keyword} is ${text(after[keyword])}, was ${text(before[keyword])}`,
  );
}

function boundChanges(before: Schema, after: Schema): readonly string[] {
  const narrowed = (keyword: string, sign: 1 | -1): readonly string[] => {
    const [was, is] = [before[keyword], after[keyword]];
    if (typeof is !== "number") return [];
    return typeof was !== "number" || sign * (is - was) > 0 ? [`${keyword} is ${text(is)}, was ${text(was)}`] : [];
  };
  return [
    ...LOWER_BOUNDS.flatMap((keyword) => narrowed(keyword, 1)),
    ...UPPER_BOUNDS.flatMap((keyword) => narrowed(keyword, -1)),
  ];
}

function valueChanges(before: Schema, after: Schema): readonly string[] {
  const defaults =
    text(before["default"]) === text(after["default"])
      ? []
      : [`default is ${text(after["default"])}, was ${text(before["default"])}`];
  if (after.enum === undefined) return defaults;
  if (before.enum === undefined) return [...defaults, "only listed values are accepted now"];
  const gone = before.enum.filter((value) => after.enum?.includes(value) === false);
  return [...defaults, ...gone.map((value) => `the value ${text(value)} is gone`)];
}

function ruleChanges(before: Schema, after: Schema): readonly string[] {
  const known = new Set((before["x-kubernetes-validations"] ?? []).map(({ rule }) => rule));
  const rules = (after["x-kubernetes-validations"] ?? []).map(({ rule }) => rule);
  return rules.filter((rule) => !known.has(rule)).map((rule) => `new rule ${rule}`);
}

function requiredChanges(before: Schema, after: Schema): readonly string[] {
  const known = before.required ?? [];
  return (after.required ?? []).filter((name) => !known.includes(name)).map((name) => `${name} is required now`);
}

function childChanges(before: Schema, after: Schema, path: string): readonly Change[] {
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const fields = Object.entries(before.properties ?? {}).flatMap(([name, was]) => {
    const is = after.properties?.[name];
    return is === undefined ? [{ path: at(name), what: "removed" }] : breakingChanges(was, is, at(name));
  });
  const items = before.items && after.items ? breakingChanges(before.items, after.items, `${path}[]`) : [];
  const [wasValue, isValue] = [before.additionalProperties, after.additionalProperties];
  const values =
    typeof wasValue === "object" && typeof isValue === "object" ? breakingChanges(wasValue, isValue, `${path}{}`) : [];
  return [...fields, ...items, ...values];
}
