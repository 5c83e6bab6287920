import { nearestName } from "../ports/nearest-name.ts";

/** The names that templates of one Secret can ever find; everything else is a mistake. */
export interface KnownNames {
  /** Texts. */
  readonly values: readonly string[];
  /** Names after `apis.`. */
  readonly apis: readonly string[];
}

/** A name with its members, as a template writes it; a list within it is a name whose value is the member. */
export type Path = readonly (string | number | Path)[];

/** Of each `grants.NAME` and `apis.AS`. */
export const API_MEMBERS = ["audience", "scopes", "issuer", "well_known_url", "token_endpoint", "jwks_uri"] as const;

/** What every text has beside itself. */
const TEXT_MEMBERS = ["size"];

/** A name that can never have a value. */
export interface UnknownName {
  /** The name, as the template writes it, and what is wrong with it. */
  readonly what: string;
  /** The name that was probably meant, else those that there are; after `what`. */
  readonly help: string;
}

const mistake = (what: string, help = ""): UnknownName => ({ what, help });

/** Why no value of this name can ever come, and what was probably meant; `undefined` when one can. */
export function unknownName(path: Path, known: KnownNames): UnknownName | undefined {
  const [root] = path;
  if (typeof root !== "string") return mistake(`${written(path)}: a name must be written out`);
  if (root === "grants") return unknownMember(path, "the name of a ScopeGrant must follow");
  if (root === "apis") return unknownApi(path, known.apis);
  if (!known.values.includes(root)) return mistake(noSuchName(root), meant(root, [...known.values, "grants", "apis"]));
  return path.slice(1).every(isTextMember)
    ? undefined
    : mistake(`${written(path)}: ${root} is a text and has no members`);
}

function unknownApi(path: Path, known: readonly string[]): UnknownName | undefined {
  const [, api] = path;
  if (typeof api !== "string" || known.includes(api))
    return unknownMember(path, "the name of an entry of apiRefs must follow");
  const what = `${noSuchName(written(path.slice(0, 2)))}: spec.secret.template.apiRefs has no entry "${api}"`;
  return mistake(what, meant(api, known));
}

/** Of one grant or API: `{{ grants.NAME }}` alone is an object, which `| json` writes out. */
function unknownMember(path: Path, next: string): UnknownName | undefined {
  const [root, name, member, ...deeper] = path;
  if (typeof name === "number") return mistake(`${written(path)}: ${next}`);
  if (member === undefined) return undefined;
  if (typeof member !== "string") return mistake(`${written(path)}: the member must be written out`);
  if (!(API_MEMBERS as readonly string[]).includes(member)) {
    const dotted = typeof name === "string" ? `. A name with dots is written ${String(root)}["${name}.${member}"]` : "";
    const hint = meant(member, API_MEMBERS);
    const help = hint.startsWith(".") ? `${dotted}${hint}` : `${hint}${dotted}`;
    return mistake(noSuchName(written(path.slice(0, 3))), help);
  }
  return deeper.every(isTextMember) ? undefined : mistake(`${written(path)}: ${member} is a text and has no members`);
}

const isTextMember = (segment: Path[number]): boolean =>
  typeof segment === "number" || (typeof segment === "string" && TEXT_MEMBERS.includes(segment));

const MAX_LISTED = 30;

const noSuchName = (name: string): string => `templates have no value ${name}`;

function meant(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return ` (did you mean ${nearest}?)`;
  // What exists only around a rotation has the names of the others, with a prefix.
  const lasting = known.filter((one) => !/^(next|previous)_/.test(one));
  return lasting.length === 0 ? "" : `. Use ${lasting.slice(0, MAX_LISTED).join(", ")}`;
}

/** As the template writes it, what it computes left out. */
export function written(path: Path): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment !== "string") return `${text}[${typeof segment === "number" ? String(segment) : "…"}]`;
    return text === "" ? segment : `${text}.${segment}`;
  }, "");
}
