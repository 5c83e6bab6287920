import { setTimeout as pause } from "node:timers/promises";
import { COLUMNS, rowsOf, treeText } from "../status/print.ts";
import { resourcesIn, type Summary } from "../status/summary.ts";
import type { Node } from "../status/node.ts";
import { document, type Format, kubectlName } from "../terminal/formats.ts";
import { tableText } from "../terminal/table.ts";
import type { Session } from "./services.ts";

/** How `status` prints. */
export type ViewFormat = Format | "tree";

/** What one read of the cluster shows. */
export interface View {
  readonly roots: readonly Node[];
  readonly summary: Summary;
  readonly notes: readonly string[];
}

type Out = Pick<Session, "terminal">;

/** Prints it, and below it what is not shown. */
export function show({ terminal }: Out, view: View, format: ViewFormat): void {
  const text = textOf(view, format, (style, part) => terminal.style(style, part));
  if (text !== "") terminal.print(text);
  // JSON and YAML have the notes in them.
  if (format === "json" || format === "yaml") return;
  for (const note of view.notes) terminal.note(note);
}

function textOf({ roots, summary, notes }: View, format: ViewFormat, paint: Parameters<typeof treeText>[2]): string {
  if (format === "tree") return summary.total === 0 ? "" : treeText(roots, summary, paint);
  if (format === "table") return tableText(COLUMNS, rowsOf(roots));
  if (format === "name")
    return resourcesIn(roots)
      .map(({ kind, name }) => kubectlName(kind, name))
      .join("\n");
  return document({ resources: roots, summary, notes }, format);
}

const INTERVAL_MS = 2000;

/** Prints it now, and again whenever a later read shows something else. Ends with the process. */
export async function watched(session: Out, read: () => Promise<View>, format: ViewFormat): Promise<never> {
  let last = "";
  for (;;) {
    const view = await read();
    const text = JSON.stringify(view);
    if (text !== last) show(session, view, format);
    last = text;
    await pause(INTERVAL_MS);
  }
}
