import type { Argument, Command, Option } from "commander";
import { EXIT, EXIT_MEANINGS } from "../../cli/exit-codes.ts";
import { createProgram, PROGRAM } from "../../cli/program.ts";

/** The definitions alone: nothing of this is used before a command runs. */
const idle = {
  terminal: {
    print: () => undefined,
    note: () => undefined,
    style: (_: unknown, text: string) => text,
    alarm: (text: string) => text,
    confirm: async () => false,
  },
  now: () => new Date(0),
  finish: () => undefined,
};

/** The reference page of the kubectl plugin, from the definitions of its commands. */
export function cliMarkdown(): string {
  const program = createProgram(idle);
  const codes = Object.entries(EXIT).map(
    ([name, code]) => `| ${String(code)} | ${EXIT_MEANINGS[name as keyof typeof EXIT_MEANINGS]} |`,
  );
  const commands = program.commands.map(
    (command) => `| [\`${command.name()}\`](#${command.name()}) | ${command.summary()} |`,
  );
  return `# kubectl m2m

${program.description()} For the installation and typical uses, see
[kubectl plugin](../how-to/kubectl-m2m.md).

| Command | Purpose |
| --- | --- |
${commands.join("\n")}

KIND accepts the plural, the singular, the short name and the kind: \`m2mclients\`, \`m2mclient\`, \`m2mc\`, \`M2MClient\`.

## Global options

${optionTable(program)}

## Exit codes

| Code | Meaning |
| --- | --- |
${codes.join("\n")}

${program.commands.map(commandSection).join("\n\n")}

Generated from the code by \`npm run generate\`.
`;
}

function commandSection(command: Command): string {
  const args = command.registeredArguments.map(argumentText).join(" ");
  const parts = [
    `## ${command.name()}`,
    command.description(),
    `\`\`\`sh\n${PROGRAM} ${command.name()} ${args} [options]\n\`\`\``.replace("  ", " "),
    ...(command.registeredArguments.length === 0 ? [] : [argumentTable(command.registeredArguments)]),
    optionTable(command),
  ];
  return parts.join("\n\n");
}

const argumentText = (argument: Argument): string =>
  argument.required ? argument.name().toUpperCase() : `[${argument.name().toUpperCase()}]`;

const argumentTable = (all: readonly Argument[]): string =>
  [
    "| Argument | Meaning |",
    "| --- | --- |",
    ...all.map((one) => `| \`${one.name().toUpperCase()}\` | ${one.description} |`),
  ].join("\n");

function optionTable({ options }: Command): string {
  const rows = options
    .filter(({ hidden }) => !hidden)
    .map((option) => `| \`${option.flags}\` | ${option.description}${choicesOf(option)}${defaultOf(option)} |`);
  return ["| Option | Meaning |", "| --- | --- |", ...rows].join("\n");
}

const choicesOf = ({ argChoices }: Option): string =>
  argChoices === undefined ? "" : ` One of ${argChoices.map((choice) => `\`${choice}\``).join(", ")}.`;

function defaultOf({ defaultValue, defaultValueDescription }: Option): string {
  const value: unknown = defaultValueDescription ?? defaultValue;
  return typeof value === "string" ? ` Default: \`${value}\`.` : "";
}
