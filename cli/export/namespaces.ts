import { parse } from "yaml";
import { usage } from "../failure.ts";
import { dnsLabel } from "./names.ts";

/** What the choice of a namespace can depend on. */
export interface Placeable {
  /** Client ID or audience. */
  readonly id: string;
  readonly displayName: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Names the namespace of everything. */
export type NamespaceChoice = (thing: Placeable) => string;

type Rule = (thing: Placeable) => string | undefined;

/**
 * `metadata:KEY`, `name:REGEXP` or `map:FILE`. The first rule that names a namespace decides, else it is `fallback`.
 * Throws a usage failure.
 */
export function namespaceChoice(
  texts: readonly string[],
  fallback: string,
  read: (path: string) => string,
): NamespaceChoice {
  const rules = texts.map((text) => ruleOf(text, read));
  return (thing) => {
    for (const rule of rules) {
      const namespace = dnsLabel(rule(thing) ?? "");
      if (namespace !== "") return namespace;
    }
    return fallback;
  };
}

function ruleOf(text: string, read: (path: string) => string): Rule {
  const [, form = "", value = ""] = /^([a-z]+):(.+)$/s.exec(text) ?? [];
  if (form === "metadata") return ({ metadata }) => metadata[value];
  if (form === "name") return nameRule(value);
  if (form === "map") return mapRule(value, read(value));
  throw usage(
    `--namespace-by ${text} is not a rule.`,
    "Write metadata:KEY, name:REGEXP or map:FILE. See the reference of the command.",
  );
}

function nameRule(pattern: string): Rule {
  try {
    const regexp = new RegExp(pattern, "u");
    return ({ displayName }) => {
      const found = regexp.exec(displayName);
      return found?.[1] ?? found?.[0];
    };
  } catch {
    throw usage(`--namespace-by name:${pattern} is not a regular expression.`);
  }
}

/** A YAML file with client IDs and audiences, and the namespace of each. */
function mapRule(path: string, text: string): Rule {
  const document: unknown = parse(text);
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw usage(`--namespace-by map:${path} is not a YAML map of client IDs and audiences to namespaces.`);
  const entries = new Map(Object.entries(document).map(([id, namespace]) => [id, String(namespace)] as const));
  return ({ id }) => entries.get(id);
}
