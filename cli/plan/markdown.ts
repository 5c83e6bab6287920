import type { PreviewStep } from "../../src/kinds/change-preview/schema.ts";
import { type NamespacePlan, type Plan, summaryText, valueText } from "./result.ts";
import { lineOf } from "./text.ts";

/** The plan for a comment on a pull request. */
export function planMarkdown(plan: Plan): string {
  return [`**${summaryText(plan)}**`, ...plan.namespaces.map(namespaceMarkdown)].join("\n\n");
}

function namespaceMarkdown({ namespace, steps, refused, warning }: NamespacePlan): string {
  const destructive = steps.filter((step) => step.destructive === true);
  return [
    `### Namespace ${namespace}`,
    ...(refused.length === 0
      ? []
      : [
          `#### Would be refused\n\n${listOf(refused.map(({ object, reason, message }) => `${object}: \`${reason}\`: ${escaped(message)}`))}`,
        ]),
    ...(destructive.length === 0
      ? []
      : [`#### Deletions and revocations\n\n${listOf(destructive.map((step) => escaped(lineOf(step))))}`]),
    steps.length === 0
      ? "No changes."
      : `| | Where | Step | Changes |\n| --- | --- | --- | --- |\n${steps.map(rowOf).join("\n")}`,
    ...(warning === undefined ? [] : [warning]),
  ].join("\n\n");
}

const listOf = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join("\n");

function rowOf({ target, action, subject = "", object, changes = [] }: PreviewStep, index: number): string {
  const fields = changes.map((change) => `\`${code(change.field)}\`: ${escaped(valueText(change))}`).join("<br>");
  return `| ${String(index + 1)} | ${target} | ${escaped(`${action} ${subject}`.trim())}<br>${escaped(object)} | ${fields} |`;
}

/** Neither a cell ends early, nor does a value become markup. */
const escaped = (text: string): string =>
  text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_[\]<>|@#]/g, (character) => `&#${String(character.charCodeAt(0))};`);

const code = (text: string): string => text.replaceAll("`", "'").replaceAll("|", "\\|");
