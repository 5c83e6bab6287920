import type { Argument, Command, Option } from "commander";
import { type KindName, KINDS } from "../../src/kinds/registry.ts";

/** A word that can stand in place of the last one. */
export interface Candidate {
  readonly value: string;
  readonly description?: string | undefined;
}

/** What only the cluster or the kubeconfig knows. Each is empty when it cannot be read. */
export interface Names {
  resources(kind: KindName): Promise<readonly string[]>;
  namespaces(): Promise<readonly string[]>;
  contexts(): readonly string[];
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** More follows in the same word. */
  readonly isPartial?: boolean;
}

const NOTHING: Completion = { candidates: [] };

/** Kinds of an argument that is a name alone, by the name of the argument. */
const KINDS_OF: Readonly<Record<string, readonly KindName[]>> = {
  client: ["M2MClient"],
  api: ["OAuthApi"],
  provider: ["ClusterIdentityProvider"],
};

/** Completes the last of these words, from the definitions of the commands. */
export async function complete(program: Command, words: readonly string[], names: Names): Promise<Completion> {
  const typed = words.slice(0, -1);
  const last = words.at(-1) ?? "";
  const { command, given, open } = walked(program, typed);
  if (open !== undefined) return matching(last, { candidates: await valuesOf(open, names) });
  if (last.startsWith("-")) return matching(last, { candidates: optionsOf(program, command) });
  if (command === program) return matching(last, { candidates: commandsOf(program) });
  const argument = command.registeredArguments[given];
  return argument === undefined ? NOTHING : matching(last, await argumentValues(argument, last, names));
}

interface Walk {
  readonly command: Command;
  /** Number of arguments before the last word. */
  readonly given: number;
  /** The option whose value the last word is. */
  readonly open: Option | undefined;
}

/** Follows the words to the command that they name. */
export function walked(program: Command, words: readonly string[]): Walk {
  let walk: Walk = { command: program, given: 0, open: undefined };
  for (const word of words) walk = next(program, walk, word);
  return walk;
}

function next(program: Command, { command, given, open }: Walk, word: string): Walk {
  if (open !== undefined) return { command, given, open: undefined };
  if (word.startsWith("-")) {
    const option = [...command.options, ...program.options].find(({ short, long }) => word === short || word === long);
    return { command, given, open: option?.required === true ? option : undefined };
  }
  const found = command === program ? program.commands.find((one) => one.name() === word) : undefined;
  if (found !== undefined) return { command: found, given: 0, open: undefined };
  return { command, given: given + 1, open: undefined };
}

const matching = (last: string, { candidates, ...rest }: Completion): Completion => ({
  ...rest,
  candidates: candidates.filter(({ value }) => value.startsWith(last)),
});

const commandsOf = ({ commands }: Command): readonly Candidate[] =>
  commands.map((command) => ({ value: command.name(), description: command.summary() }));

function optionsOf(program: Command, command: Command): readonly Candidate[] {
  const help = command.createHelp();
  const all = [...help.visibleOptions(command), ...(command === program ? [] : help.visibleOptions(program))];
  const named = all.map(({ long, description }) => ({ value: long ?? "", description }));
  return named.filter(({ value }, index) => value !== "" && named.findIndex((one) => one.value === value) === index);
}

async function valuesOf({ long, argChoices }: Option, names: Names): Promise<readonly Candidate[]> {
  if (argChoices !== undefined) return argChoices.map((value) => ({ value }));
  if (long === "--namespace") return (await names.namespaces()).map((value) => ({ value }));
  if (long === "--client") return (await names.resources("M2MClient")).map((value) => ({ value }));
  if (long === "--api") return (await names.resources("OAuthApi")).map((value) => ({ value }));
  if (long === "--grant") return (await names.resources("ScopeGrant")).map((value) => ({ value }));
  if (long === "--provider") return (await names.resources("ClusterIdentityProvider")).map((value) => ({ value }));
  if (long === "--context") return names.contexts().map((value) => ({ value }));
  return [];
}

async function argumentValues(argument: Argument, last: string, names: Names): Promise<Completion> {
  const kinds = KINDS_OF[argument.name()];
  if (kinds !== undefined) {
    const all = await Promise.all(kinds.map((kind) => names.resources(kind)));
    return { candidates: all.flat().map((value) => ({ value })) };
  }
  if (argument.name() !== "kind/name") return NOTHING;
  const [word = "", name] = last.split("/");
  if (name === undefined) {
    const words = KINDS.map(({ kind, description }) => ({ value: `${kind.toLowerCase()}/`, description }));
    return { candidates: words, isPartial: true };
  }
  const definition = KINDS.find(({ kind, plural, shortNames }) =>
    [kind.toLowerCase(), plural, ...shortNames].includes(word.toLowerCase()),
  );
  if (definition === undefined) return NOTHING;
  return { candidates: (await names.resources(definition.kind)).map((value) => ({ value: `${word}/${value}` })) };
}
