import { counted } from "../counted.ts";
import { SEVERITIES, type Severity } from "./check.ts";
import type { Finding } from "./examine.ts";

type Style = "red" | "yellow" | "dim" | "bold";

/** Gives a text a colour, or returns it unchanged. */
export type Paint = (style: Style, text: string) => string;

const STYLES: Readonly<Record<Severity, Style>> = { error: "red", warning: "yellow", info: "dim" };

/** The object of a finding, for example `M2MClient billing/importer`. */
export const objectText = ({ kind, namespace, name }: Finding["object"]): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;

/** Findings one below the other, and the summary. */
export function reportText(findings: readonly Finding[], shown: readonly Finding[], paint: Paint): string {
  return [...shown.flatMap((finding) => [...findingLines(finding, paint), ""]), summaryText(findings)].join("\n");
}

function findingLines({ check, dismissed, object, severity, todo, why }: Finding, paint: Paint): readonly string[] {
  const word = dismissed === undefined ? paint(STYLES[severity], severity) : paint("dim", `dismissed ${severity}`);
  return [
    `${word}  ${paint("bold", objectText(object))}  ${paint("dim", check)}`,
    `    ${why}`,
    dismissed === undefined ? `    To do: ${todo}` : `    Dismissed: ${oneLine(dismissed)}`,
  ];
}

/** An annotation is a text of anybody. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, " ").slice(0, 300);

const PLURALS: Readonly<Record<Severity, string>> = { error: "errors", warning: "warnings", info: "info" };

/** `3 findings: 1 error, 2 warnings. 1 dismissed: --show-dismissed shows it.` */
export function summaryText(findings: readonly Finding[]): string {
  const open = findings.filter(({ dismissed }) => dismissed === undefined);
  const dismissed = findings.length - open.length;
  const parts = SEVERITIES.flatMap((severity) => {
    const count = open.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [counted(count, severity, PLURALS[severity])];
  });
  const total = open.length === 0 ? "No findings" : `${counted(open.length, "finding")}: ${parts.join(", ")}`;
  return dismissed === 0 ? `${total}.` : `${total}. ${String(dismissed)} dismissed (--show-dismissed).`;
}

export const COLUMNS = ["SEVERITY", "CHECK", "OBJECT", "WHY", "TO DO"] as const;

/** Findings as rows of a table. */
export const rowsOf = (findings: readonly Finding[]): readonly (readonly string[])[] =>
  findings.map(({ check, dismissed, object, severity, todo, why }) => [
    ...[severity, check, objectText(object), why],
    dismissed === undefined ? todo : `Dismissed: ${oneLine(dismissed)}`,
  ]);
