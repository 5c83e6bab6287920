import type { z } from "zod";

/** A part of a spec that the schema of its kind refuses. */
export interface Refused {
  /** For people: `scopes[3].description`. */
  readonly field: string;
  readonly why: string;
}

export interface Expressible {
  /** What the schema accepts; `undefined` where nothing that makes sense is left. */
  readonly spec: Readonly<Record<string, unknown>> | undefined;
  readonly refused: readonly Refused[];
}

type Path = readonly PropertyKey[];

/** Removes what the schema refuses, and names it. `required`: members of the spec that it makes no sense without. */
export function expressible(
  schema: z.ZodType,
  spec: Readonly<Record<string, unknown>>,
  required: readonly string[],
): Expressible {
  const left = structuredClone(spec);
  const refused: Refused[] = [];
  for (;;) {
    const issue = schema.safeParse(left).error?.issues[0];
    if (issue === undefined) return { spec: left, refused };
    const cut = cutOf(left, issue.path, required);
    const field = textOf(cut ?? issue.path);
    // Its member is missing since the one before was cut out: one refusal is enough.
    if (!refused.some((other) => other.field.startsWith(field) && field !== ""))
      refused.push({ field, why: issue.message });
    if (cut === undefined) return { spec: undefined, refused };
    removeAt(left, cut);
  }
}

/** The innermost thing on the path that is there. */
function cutOf(spec: unknown, path: Path, required: readonly string[]): Path | undefined {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    if (length === 1 && required.includes(String(part[0]))) return undefined;
    if (valueAt(spec, part) !== undefined) return part;
  }
  return undefined;
}

const valueAt = (spec: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], spec);

function removeAt(spec: unknown, path: Path): void {
  const parent = valueAt(spec, path.slice(0, -1));
  const key = path.at(-1) ?? "";
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent as object, key);
}

const textOf = (path: Path): string =>
  path
    .map((key, index) => (typeof key === "number" ? `[${String(key)}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
