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

/** Why no value of this name can ever come, and what was probably meant; `undefined` when one can. */
export function unknownName(path: Path, known: KnownNames): string | undefined {
  const [root] = path;
  if (typeof root !== "string") return `${written(path)}: a name must be written out`;
  if (root === "grants") return unknownMember(path, "the name of a ScopeGrant must follow");
  if (root === "apis") return unknownApi(path, known.apis);
  if (!known.values.includes(root)) return `${noSuchName(root)}${meant(root, [...known.values, "grants", "apis"])}`;
  return path.slice(1).every(isTextMember) ? undefined : `${written(path)}: ${root} is a text and has no members`;
}

function unknownApi(path: Path, known: readonly string[]): string | undefined {
  const [, api] = path;
  if (typeof api !== "string" || known.includes(api))
    return unknownMember(path, "the name of an entry of apiRefs must follow");
  return `${noSuchName(written(path.slice(0, 2)))}: spec.secret.template.apiRefs has no entry "${api}"${meant(api, known)}`;
}

/** Of one grant or API: `{{ grants.NAME }}` alone is an object, which `| json` writes out. */
function unknownMember(path: Path, next: string): string | undefined {
  const [root, name, member, ...deeper] = path;
  if (typeof name === "number") return `${written(path)}: ${next}`;
  if (member === undefined) return undefined;
  if (typeof member !== "string") return `${written(path)}: the member must be written out`;
  if (!(API_MEMBERS as readonly string[]).includes(member)) {
    const dotted = typeof name === "string" ? `. A name with dots is written ${String(root)}["${name}.${member}"]` : "";
    return `${noSuchName(written(path.slice(0, 3)))}${meant(member, API_MEMBERS)}${dotted}`;
  }
  return deeper.every(isTextMember) ? undefined : `${written(path)}: ${member} is a text and has no members`;
}

const isTextMember = (segment: Path[number]): boolean =>
  typeof segment === "number" || (typeof segment === "string" && TEXT_MEMBERS.includes(segment));

const noSuchName = (name: string): string => `templates have no value ${name}`;

function meant(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
}

/** As the template writes it, what it computes left out. */
export function written(path: Path): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment !== "string") return `${text}[${typeof segment === "number" ? String(segment) : "…"}]`;
    return text === "" ? segment : `${text}.${segment}`;
  }, "");
}
