import type { Finding, StateWord } from "./state.ts";
import { resourcesIn, type Summary, summaryText } from "./summary.ts";
import type { Node } from "./node.ts";

type Style = "green" | "red" | "yellow" | "dim" | "bold";

/** Gives a text a colour, or returns it unchanged. */
export type Paint = (style: Style, text: string) => string;

const STYLES: Readonly<Record<StateWord, Style>> = {
  Ready: "green",
  Stalled: "red",
  Reconciling: "yellow",
  Pending: "yellow",
  Paused: "yellow",
  Deleting: "yellow",
};

/** The tree and the summary. */
export function treeText(roots: readonly Node[], summary: Summary, paint: Paint): string {
  const told = new Set<string>();
  const lines = roots.flatMap((root) => [...nodeLines(root, "", "", { paint, told }), ""]);
  return [...lines, summaryText(summary)].join("\n");
}

interface Printing {
  readonly paint: Paint;
  /** Resources whose findings stand further up: a grant has two places. */
  readonly told: Set<string>;
}

/** `first`: what stands before the line of the node itself. `rest`: before the lines below it. */
function nodeLines(node: Node, first: string, rest: string, printing: Printing): readonly string[] {
  const { children } = node;
  const indent = children.length > 0 ? `${rest}│   ` : `${rest}    `;
  return [
    `${first}${titleOf(node, printing.paint)}`,
    ...newFindings(node, printing).flatMap((finding) => findingLines(finding, indent, printing.paint)),
    ...children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      return nodeLines(child, `${rest}${isLast ? "└── " : "├── "}`, `${rest}${isLast ? "    " : "│   "}`, printing);
    }),
  ];
}

function newFindings({ kind, namespace = "", name, findings }: Node, { told }: Printing): readonly Finding[] {
  const key = `${kind}/${namespace}/${name}`;
  if (told.has(key)) return [];
  told.add(key);
  return findings;
}

function titleOf({ kind, namespace, name, detail, state }: Node, paint: Paint): string {
  const title = `${kind} ${paint("bold", namespace === undefined ? name : `${namespace}/${name}`)}`;
  const word = state === undefined ? "" : `  ${paint(STYLES[state], state)}`;
  return `${title}${word}${detail === "" ? "" : `  ${paint("dim", detail)}`}`;
}

function findingLines({ reason, message, action }: Finding, indent: string, paint: Paint): readonly string[] {
  const why = `${indent}${paint("red", reason)}: ${message}`;
  return action === undefined ? [why] : [why, `${indent}To do: ${action}`];
}

/** The resources as rows, for `-o table`. */
export function rowsOf(roots: readonly Node[]): readonly (readonly string[])[] {
  return resourcesIn(roots).map(({ kind, namespace = "", name, state, findings }) => {
    const [finding] = findings;
    return [namespace, kind, name, state, finding?.reason ?? "", finding?.message ?? ""];
  });
}

export const COLUMNS = ["NAMESPACE", "KIND", "NAME", "STATE", "REASON", "MESSAGE"] as const;
