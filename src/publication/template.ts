import { cutText } from "../ports/cut-text.ts";
import { Context, defaultOperators, type FilterImplOptions, Liquid, type Template } from "liquidjs";
import { overLimit, unused, type Usage } from "./template-limits.ts";
import { type KnownNames, type Path, unknownName, written } from "./template-names.ts";

/** What a template can name: texts, and objects of texts. */
export type TemplateScope = Readonly<Record<string, unknown>>;

/** All templates of one Secret, by the key that each makes. */
export type Templates = Readonly<Record<string, string>>;

type TemplatesOutcome =
  | { readonly kind: "texts"; readonly texts: Readonly<Record<string, string>> }
  /** Values that may come. `names` are as the templates write them, never what a value made of them. */
  | { readonly kind: "waiting"; readonly names: readonly string[] }
  /** Only another template helps. `key` is whose. */
  | { readonly kind: "invalid"; readonly key: string; readonly message: string };

interface ParsedTemplate {
  readonly kind: "parsed";
  readonly templates: Template[];
  /** Every name in it, also in branches that are not taken. */
  readonly paths: readonly Path[];
}

type Problem = { readonly kind: "invalid"; readonly message: string };

/**
 * Without loops, captures and includes the work of a template is bounded by its length, and nothing it can say reads a
 * file or keeps the process from its other work. LiquidJS limits loops by elapsed time alone, which a busy machine
 * would turn into failures that come and go. `assign` is left out since it takes an unknown name for an empty text
 * where `if` may request one, and a Secret with an empty audience would be published instead of waiting.
 */
const TAGS = ["if", "unless", "case", "comment", "raw", "#"];

/** Those that give the same answer every time: no clock, no chance. */
const FILTERS = [
  ...["append", "prepend", "capitalize", "upcase", "downcase", "strip", "lstrip", "rstrip", "strip_newlines"],
  ...["replace", "replace_first", "replace_last", "remove", "remove_first", "remove_last", "slice", "size"],
  ...["split", "join", "first", "last", "default", "escape", "xml_escape", "url_encode", "url_decode"],
  ...["base64_encode", "base64_decode"],
];

/** Characters that all filters of one Secret may read and produce together. */
const MAX_FILTERED_LENGTH = 1_048_576;
/** Characters that the templates of one Secret may write together: what the API server takes. */
const MAX_WRITTEN_LENGTH = 1_048_576;
/** Far beyond what the other limits leave possible; only a fault of the library could reach it. */
const MAX_RENDER_MS = 10_000;
const MAX_SHOWN_LENGTH = 200;

/** Why a value of the scope cannot be had; `message` is for people and holds no value. */
export class TemplateFailure extends Error {
  override readonly name = "TemplateFailure";
}

const WRITTEN_OBJECT = "a template cannot print an object: name one of its members, or add | json";
const TOO_MUCH_WORK = "the template needs too much work";
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
    memoryLimit: MAX_FILTERED_LENGTH,
    renderLimit: MAX_RENDER_MS,
    operators: { ...defaultOperators, contains },
  });
  keepOnly(liquid.tags, TAGS);
  keepOnly(liquid.filters, FILTERS);
  for (const name of FILTERS) liquid.registerFilter(name, charged(liquid.filters[name]));
  liquid.registerFilter("json", function (value: unknown) {
    const charge = (_key: string, member: unknown): unknown => {
      this.context.memoryLimit.use(lengthOf(member));
      return member;
    };
    return JSON.stringify(value, charge);
  });
  return liquid;
}

type Filter = (this: { readonly context: Context }, value: unknown, ...args: readonly unknown[]) => unknown;

/** The library counts what most filters produce; what they read, and search, counts here. */
function charged(filter: FilterImplOptions | undefined): Filter {
  if (typeof filter !== "function") throw new Error("a filter of the library is missing");
  return function (value, ...args) {
    this.context.memoryLimit.use(
      searchCost(value, args[0]) + args.reduce<number>((sum, arg) => sum + lengthOf(arg), 0),
    );
    return Reflect.apply(filter, this, [value, ...args]) as unknown;
  };
}

function contains(left: unknown, right: unknown, context: Context): boolean {
  context.memoryLimit.use(searchCost(left, right));
  return typeof left === "string" || Array.isArray(left) ? left.includes(right as string) : false;
}

/** A search compares, at worst, every character with every one of what is sought. */
function searchCost(value: unknown, sought: unknown): number {
  return lengthOf(value) * (1 + lengthOf(sought) / 16);
}

/** What a filter has to read of it. */
function lengthOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return typeof value === "object" && value !== null && Object.hasOwn(value, "toString") ? outputText(value).length : 1;
}

/** An object without a text of its own would come out as "[object Object]", which helps nobody. */
function outputText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((item) => outputText(item)).join("");
  if (typeof value === "object" && !Object.hasOwn(value, "toString")) throw new TemplateFailure(WRITTEN_OBJECT);
  const writable: { toString(): string } = value;
  return writable.toString();
}

/** Takes the prototype away too, so that a name like `constructor` is not found either. */
function keepOnly(registry: Record<string, unknown>, names: readonly string[]): void {
  for (const name of Object.keys(registry)) if (!names.includes(name)) Reflect.deleteProperty(registry, name);
  Object.setPrototypeOf(registry, null);
}

/**
 * Renders all templates of one Secret, which share their limits. A name whose value may come is waited for; a name that
 * can never have one, bad syntax, a filter that fails, a limit, and whatever else the library throws are invalid.
 */
export function renderTemplates(templates: Templates, known: KnownNames, scope: TemplateScope): TemplatesOutcome {
  const usage = unused();
  const context = new Context(scope, engine.options, { sync: true }, { liquid: engine });
  const texts: Record<string, string> = {};
  const waitingFor = new Set<string>();
  let length = 0;
  for (const [key, text] of Object.entries(templates)) {
    const parsed = parse(text, known, usage);
    const outcome = parsed.kind === "parsed" ? render(parsed, context, scope) : parsed;
    if (outcome.kind === "invalid") return { ...outcome, key };
    if (outcome.kind === "unknown") waitingFor.add(outcome.name);
    else texts[key] = outcome.text;
    length += texts[key]?.length ?? 0;
    if (length > MAX_WRITTEN_LENGTH)
      return {
        kind: "invalid",
        key,
        message: `all templates together write more than ${String(MAX_WRITTEN_LENGTH)} characters`,
      };
  }
  return waitingFor.size > 0 ? { kind: "waiting", names: [...waitingFor].sort() } : { kind: "texts", texts };
}

function parse(text: string, known: KnownNames, usage: Usage): ParsedTemplate | Problem {
  try {
    const excess = overLimit(text, usage);
    if (excess !== undefined) return { kind: "invalid", message: excess };
    const templates = engine.parse(text);
    const paths = engine.variableSegmentsSync(templates) as readonly Path[];
    const problem = paths.map((path) => unknownName(path, known)).find((why) => why !== undefined);
    if (problem === undefined) return { kind: "parsed", templates, paths };
    return { kind: "invalid", message: `${shown(problem.what)}${problem.help}` };
  } catch (error) {
    const [message = ""] = error instanceof Error ? error.message.split("\n") : [];
    return { kind: "invalid", message: syntaxProblem(message) };
  }
}

/** The library's message with its line first; of a tag or filter that does not exist also those that do. */
function syntaxProblem(message: string): string {
  const [, text = message, line] = /^(.*), line:(\d+), col:\d+$/.exec(message) ?? [];
  const where = line === undefined ? "" : `line ${line}: `;
  const tag = /^tag "(.*)" not found$/.exec(text)?.[1];
  if (tag !== undefined) return `${where}there is no tag "${shown(tag)}". Use ${listOf(TAGS)}`;
  const filter = /^undefined filter: (.*)$/.exec(text)?.[1];
  if (filter !== undefined) return `${where}there is no filter "${shown(filter)}". Use ${listOf([...FILTERS, "json"])}`;
  return `${where}${shown(text)}`;
}

const listOf = (names: readonly string[]): string => `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;

type Rendered = { readonly kind: "text"; readonly text: string } | { readonly kind: "unknown"; readonly name: string };

function render({ templates, paths }: ParsedTemplate, context: Context, scope: TemplateScope): Rendered | Problem {
  try {
    return { kind: "text", text: String(engine.renderSync(templates, context)) };
  } catch (error) {
    return failureOf(error, paths, scope);
  }
}

/** Nothing of the library's own message is shown: it may quote a value. */
function failureOf(error: unknown, paths: readonly Path[], scope: TemplateScope): Rendered | Problem {
  const { originalError, token } = error as {
    readonly originalError?: { readonly message?: string; readonly variableName?: unknown };
    readonly token?: { readonly getPosition?: () => number[] };
  };
  if (error instanceof Error && error.name === "UndefinedVariableError") {
    const name = missingName(paths, scope, originalError?.variableName);
    return name === undefined
      ? { kind: "invalid", message: "a name must be written out. Only what follows grants and apis may be computed" }
      : { kind: "unknown", name: shown(name) };
  }
  const line = token?.getPosition?.()[0];
  const where = line === undefined ? "" : `line ${String(line)}: `;
  return { kind: "invalid", message: where + causeOf(originalError) };
}

function causeOf(error: { readonly message?: string } | undefined): string {
  if (error instanceof TemplateFailure) return error.message;
  return LIMITS.includes(error?.message ?? "") ? TOO_MUCH_WORK : "a filter or tag failed";
}

const shown = (text: string): string => (text.length > MAX_SHOWN_LENGTH ? `${cutText(text, MAX_SHOWN_LENGTH)}…` : text);

/**
 * The name in the template's own words: a path that it spells out and that is not there, else the part it spells out;
 * `undefined` where it spells out none of it.
 * The path that could not be read is not shown by itself, since its segments may be values: `grants[client_secret]`.
 */
function missingName(paths: readonly Path[], scope: TemplateScope, unread: unknown): string | undefined {
  const missing = paths.map((path) => missingPart(path, scope)).filter((name) => name !== undefined);
  const spelledOut = missing.find((name) => name === unread);
  return spelledOut ?? missing.find((name) => name.endsWith("[…]"));
}

function missingPart(path: Path, scope: TemplateScope): string | undefined {
  let value: unknown = scope;
  for (const [index, segment] of path.entries()) {
    value = typeof segment === "object" ? undefined : ownValue(value, segment);
    if (value === undefined) return written(path.slice(0, index + 1));
  }
  return undefined;
}

function ownValue(value: unknown, name: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string | number, unknown>)[name];
}
