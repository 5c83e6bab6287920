import { RE2JS } from "re2js";
import { z } from "zod";

/** A schema that a CustomResourceDefinition may hold. */
export type Structural = Record<string, unknown> & { type?: string; properties?: Record<string, Structural> };

type Json = Record<string, unknown>;

/** zod types that have no structural form. */
const BANNED = new Set([
  "any",
  "unknown",
  "date",
  "bigint",
  "map",
  "set",
  "tuple",
  "union",
  "never",
  "transform",
  "pipe",
  "lazy",
  "null",
  "nullable",
  "intersection",
]);

const KEPT = new Set([
  "description",
  "type",
  "default",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "pattern",
  "enum",
  "required",
  "items",
  "properties",
  "additionalProperties",
  "format",
  "x-kubernetes-validations",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
]);

const FORMATS = new Set(["int32", "int64", "date-time"]);

/** Turns a zod schema into a structural one. Throws with every finding: nothing may be lost on the way to the server. */
export function structuralSchema(schema: z.ZodType): Structural {
  const findings: string[] = [];
  const checked = new Set<string>();
  const json = z.toJSONSchema(schema, {
    target: "openapi-3.0",
    io: "input",
    unrepresentable: "throw",
    reused: "inline",
    cycles: "throw",
    override: ({ zodSchema, path }) => inspect(zodSchema as Inspected, pathOf(path), findings, checked),
  }) as Json;
  const result = convert(json, "", findings);
  for (const path of checked)
    if (!isEnforced(at(json, path))) findings.push(`${path}: a check the API server would not make; add a rule`);
  if (findings.length > 0) throw new Error(`not structural:\n  ${findings.join("\n  ")}`);
  return result;
}

interface Inspected {
  readonly _zod: {
    readonly def: { readonly type: string; readonly checks?: readonly Check[]; readonly catchall?: unknown };
  };
}

interface Check {
  readonly _zod: { readonly def: { readonly check: string; readonly pattern?: RegExp } };
}

const pathOf = (path: readonly PropertyKey[]): string => path.map(String).join(".");

function inspect({ _zod: { def } }: Inspected, path: string, findings: string[], checked: Set<string>): void {
  if (BANNED.has(def.type)) findings.push(`${path}: zod type ${def.type} has no structural form`);
  if (def.catchall !== undefined) findings.push(`${path}: an object may not be strict or loose`);
  for (const check of def.checks ?? []) {
    const { check: kind, pattern } = check._zod.def;
    if (kind === "overwrite") findings.push(`${path}: a check may not change the value`);
    if (kind === "custom") checked.add(path);
    if (pattern !== undefined && /[^uv]/.test(pattern.flags)) findings.push(`${path}: flags of a pattern are lost`);
  }
}

/** A check in zod has its counterpart on the server: a rule, or a list type that forbids duplicates. */
function isEnforced(json: Json | undefined): boolean {
  return (
    json !== undefined &&
    ("x-kubernetes-validations" in json || ["map", "set"].includes(String(json["x-kubernetes-list-type"])))
  );
}

function at(json: Json, path: string): Json | undefined {
  let here: unknown = json;
  for (const part of path === "" ? [] : path.split(".")) here = (here as Json | undefined)?.[part];
  return here as Json | undefined;
}

function convert(json: Json, path: string, findings: string[]): Structural {
  const result: Structural = {};
  for (const [key, value] of Object.entries(json)) {
    if (!KEPT.has(key)) findings.push(`${path}: ${key} may not stand in a CRD`);
    else if (!isNoise(key, value, json)) result[key] = value;
  }
  if (json["additionalProperties"] === false) delete result["additionalProperties"];
  judge(result, path, findings);
  descend(json, result, path, findings);
  return result;
}

/** Bounds of every safe integer say nothing; the format does. */
function isNoise(key: string, value: unknown, json: Json): boolean {
  return json["type"] === "integer" && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER && /imum$/.test(key);
}

function judge(result: Structural, path: string, findings: string[]): void {
  const { type, pattern, format } = result as Json;
  if (type === undefined) findings.push(`${path}: has no type`);
  if (type === "integer") result["format"] = "int64";
  if (typeof format === "string" && !FORMATS.has(format))
    findings.push(`${path}: format ${format} is unknown to the server`);
  if (type === "array") judgeArray(result, path, findings);
  if (type === "string" && isUnboundedText(result)) findings.push(`${path}: text without maxLength`);
  if (isUnboundedMap(result)) findings.push(`${path}: map without maxProperties`);
  if (typeof pattern === "string") judgePattern(pattern, path, findings);
}

function judgeArray(result: Structural, path: string, findings: string[]): void {
  if (!("maxItems" in result)) findings.push(`${path}: list without maxItems`);
  if (!("x-kubernetes-list-type" in result)) findings.push(`${path}: list without list type`);
}

function isUnboundedMap(result: Structural): boolean {
  return result.type === "object" && typeof result["additionalProperties"] === "object" && !("maxProperties" in result);
}

const isUnboundedText = (json: Json): boolean =>
  !("maxLength" in json) && !("enum" in json) && json["format"] !== "date-time";

/** The server's expressions are RE2. */
function judgePattern(pattern: string, path: string, findings: string[]): void {
  try {
    RE2JS.compile(pattern);
  } catch {
    findings.push(`${path}: pattern ${pattern} is not RE2`);
  }
}

function descend(json: Json, result: Structural, path: string, findings: string[]): void {
  const { properties, items, additionalProperties } = json as {
    properties?: Record<string, Json>;
    items?: Json;
    additionalProperties?: Json | false;
  };
  if (properties !== undefined)
    result.properties = Object.fromEntries(
      Object.entries(properties).map(([name, child]) => [name, convert(child, `${path}.${name}`, findings)]),
    );
  if (items !== undefined) result["items"] = convert(items, `${path}[]`, findings);
  if (typeof additionalProperties === "object")
    result["additionalProperties"] = convert(additionalProperties, `${path}{}`, findings);
}
