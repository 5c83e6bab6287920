import { type KindDefinition, type KindName, KINDS, type ReconciledKind } from "../../src/kinds/registry.ts";
import { nearestName } from "../../src/ports/nearest-name.ts";
import { type Failure, usage } from "../failure.ts";

const GROUP_SUFFIX = ".m2m-operator.io";

/** Every word by which kubectl knows the kind, in lower case. */
export function wordsOf({ kind, plural, shortNames }: KindDefinition): readonly string[] {
  return [plural, kind.toLowerCase(), ...shortNames];
}

/** The definition of a kind. */
export function definitionOf(kind: KindName): KindDefinition {
  const found = KINDS.find((definition) => definition.kind === kind);
  if (found === undefined) throw new Error(`kind ${kind} is not registered`);
  return found;
}

/** The kind behind a plural, singular, short name or kind, with or without the group. Throws a usage failure. */
export function kindNamed(word: string): ReconciledKind {
  const lower = word.toLowerCase();
  const plain = lower.endsWith(GROUP_SUFFIX) ? lower.slice(0, -GROUP_SUFFIX.length) : lower;
  return KINDS.find((definition) => wordsOf(definition).includes(plain)) ?? fail(word);
}

function fail(word: string): never {
  const near = nearestName(
    word,
    KINDS.flatMap((definition) => wordsOf(definition)),
  );
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  throw unknownKind(`"${word}" is not a kind of the operator.${hint}`);
}

const unknownKind = (message: string): Failure =>
  usage(
    message,
    `Use one of ${KINDS.map(({ plural, shortNames }) => `${plural} (${shortNames.join(", ")})`).join(", ")}.`,
  );

/** A resource as the command line names it. */
export interface Target {
  readonly definition: KindDefinition;
  readonly name: string;
}

/** `KIND/NAME`. With `among`, a name alone is of the first of these kinds, and others are refused. */
export function targetOf(text: string, among?: readonly KindName[]): Target {
  const [first = "", second, ...rest] = text.split("/");
  if (rest.length > 0 || first === "" || second === "") throw usage(`"${text}" is not KIND/NAME.`);
  const [only] = among ?? [];
  if (second === undefined) {
    if (only === undefined)
      throw usage(`"${text}" does not name a kind.`, "Write KIND/NAME, for example m2mclient/billing.");
    return { definition: definitionOf(only), name: first };
  }
  const definition = kindNamed(first);
  if (among !== undefined && !among.includes(definition.kind))
    throw usage(`This command does not support ${definition.kind}.`, `It supports ${among.join(", ")}.`);
  return { definition, name: second };
}

/** For people: `M2MClient billing/importer`. */
export function nameOf(
  kind: string,
  { namespace, name }: { readonly namespace?: string; readonly name: string },
): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
