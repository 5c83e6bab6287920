import { cutText } from "../ports/cut-text.ts";
import { Liquid, type Template } from "liquidjs";

/** What a template can name: texts, and objects of texts. */
export type TemplateScope = Readonly<Record<string, unknown>>;

type TemplateOutcome =
  | { readonly kind: "text"; readonly text: string }
  /** `name` is as the template writes it, never what a value made of it. */
  | { readonly kind: "unknown"; readonly name: string }
  | { readonly kind: "invalid"; readonly message: string };

/**
 * Without loops, captures and includes the work of a template is bounded by its length, and nothing it can say reads a
 * file or keeps the process from its other work. LiquidJS limits loops by elapsed time alone, which a busy machine
 * would turn into failures that come and go. `assign` is left out since it takes an unknown name for an empty text
 * where `if` may ask for one, and a Secret with an empty audience would be published instead of waiting.
 */
const TAGS = ["if", "unless", "case", "comment", "raw", "#"];

/** Those that give the same answer every time: no clock, no chance. */
const FILTERS = [
  ...["append", "prepend", "capitalize", "upcase", "downcase", "strip", "lstrip", "rstrip", "strip_newlines"],
  ...["replace", "replace_first", "replace_last", "remove", "remove_first", "remove_last", "slice", "size"],
  ...["split", "join", "first", "last", "default", "escape", "xml_escape", "url_encode", "url_decode"],
  ...["base64_encode", "base64_decode"],
];

const MAX_TEMPLATE_LENGTH = 16_384;
/** Characters that all filters of one rendering may produce together. */
const MAX_FILTERED_LENGTH = 262_144;
/** Far beyond what the other limits leave possible; only a fault of the library could reach it. */
const MAX_RENDER_MS = 10_000;
const MAX_SHOWN_LENGTH = 200;

const WRITTEN_OBJECT = "an object is written out; name one of its members, or add | json";
const LIMITS = ["memory alloc limit exceeded", "template render limit exceeded"];

const engine = createEngine();

function createEngine(): Liquid {
  const liquid = new Liquid({
    // An empty mapping in place of the file system.
    templates: {},
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    // `{% if name %}` and `{{ name | default: … }}` are the ways to ask for what may not be there.
    lenientIf: true,
    outputEscape: outputText,
    parseLimit: MAX_TEMPLATE_LENGTH,
    memoryLimit: MAX_FILTERED_LENGTH,
    renderLimit: MAX_RENDER_MS,
  });
  keepOnly(liquid.tags, TAGS);
  keepOnly(liquid.filters, FILTERS);
  liquid.registerFilter("json", function (value: unknown) {
    const text = JSON.stringify(value);
    this.context.memoryLimit.use(text.length);
    return text;
  });
  return liquid;
}

/** An object without a text of its own would come out as "[object Object]", which helps nobody. */
function outputText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((item) => outputText(item)).join("");
  if (typeof value === "object" && !Object.hasOwn(value, "toString")) throw new TypeError(WRITTEN_OBJECT);
  const writable: { toString(): string } = value;
  return writable.toString();
}

/** Takes the prototype away too, so that a name like `constructor` is not found either. */
function keepOnly(registry: Record<string, unknown>, names: readonly string[]): void {
  for (const name of Object.keys(registry)) if (!names.includes(name)) Reflect.deleteProperty(registry, name);
  Object.setPrototypeOf(registry, null);
}

/** What is wrong with the text of a template, found without any value; `undefined` when it can be rendered. */
export function checkTemplate(text: string): string | undefined {
  const parsed = parse(text);
  return Array.isArray(parsed) ? undefined : parsed.message;
}

/** A name that is not known waits; bad syntax, a filter that fails and a limit are invalid. */
export function renderTemplate(text: string, scope: TemplateScope): TemplateOutcome {
  const parsed = parse(text);
  if (!Array.isArray(parsed)) return parsed;
  try {
    return { kind: "text", text: String(engine.renderSync(parsed, scope)) };
  } catch (error) {
    return failureOf(error, parsed, scope);
  }
}

/** Nothing of the library's own message is shown: it may quote a value. */
function failureOf(error: unknown, parsed: Template[], scope: TemplateScope): TemplateOutcome {
  const { originalError, token } = error as {
    readonly originalError?: { readonly message?: string; readonly variableName?: unknown };
    readonly token?: { readonly getPosition?: () => number[] };
  };
  if (error instanceof Error && error.name === "UndefinedVariableError")
    return { kind: "unknown", name: shown(writtenName(parsed, scope, originalError?.variableName)) };
  const line = token?.getPosition?.()[0];
  const where = line === undefined ? "" : `line ${String(line)}: `;
  return { kind: "invalid", message: where + causeOf(originalError?.message) };
}

function causeOf(message: string | undefined): string {
  if (message === WRITTEN_OBJECT) return WRITTEN_OBJECT;
  return message !== undefined && LIMITS.includes(message) ? "it does too much work" : "a filter or tag failed";
}

function parse(text: string): Template[] | { readonly kind: "invalid"; readonly message: string } {
  try {
    return engine.parse(text);
  } catch (error) {
    const [message = ""] = error instanceof Error ? error.message.split("\n") : [];
    return { kind: "invalid", message: shown(message) };
  }
}

const shown = (text: string): string => (text.length > MAX_SHOWN_LENGTH ? `${cutText(text, MAX_SHOWN_LENGTH)}…` : text);

/**
 * The name in the template's own words: a path that it spells out and that is not there, else the part it spells out.
 * The path that could not be read is not shown by itself, since its segments may be values: `grants[client_secret]`.
 */
function writtenName(parsed: Template[], scope: TemplateScope, unread: unknown): string {
  const paths = engine.globalVariableSegmentsSync(parsed) as readonly (readonly unknown[])[];
  const written = paths.map((path) => missingPart(path, scope)).filter((name) => name !== undefined);
  const spelledOut = written.find((name) => name === unread);
  return spelledOut ?? written.find((name) => name.endsWith("[…]")) ?? "a computed name";
}

function missingPart(path: readonly unknown[], scope: TemplateScope): string | undefined {
  let value: unknown = scope;
  const names: string[] = [];
  for (const segment of path) {
    if (typeof segment !== "string" && typeof segment !== "number") return `${names.join(".")}[…]`;
    names.push(String(segment));
    value = ownValue(value, segment);
    if (value === undefined) return names.join(".");
  }
  return undefined;
}

function ownValue(value: unknown, name: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string | number, unknown>)[name];
}
