import type { Judged } from "./lanes.ts";

/** Lives against faults: survived/cases, and the worst extra requests. A number in brackets needed a requested refresh. */
export function matrixOf(judged: readonly Judged[]): string {
  const met = judged.filter(({ outcome }) => outcome.kind !== "not met");
  const rows = [...Map.groupBy(met, ({ one }) => `${one.vendor} ${one.life}`)].toSorted();
  const columns = [...new Set(met.map(columnOf))].toSorted();
  const table = [
    ["life", ...columns],
    ...rows.map(([life, of]) => [
      life,
      ...columns.map((column) => cellOf(of.filter((one) => columnOf(one) === column))),
    ]),
  ];
  const widths = ["", ...columns].map((_, index) => Math.max(...table.map((row) => (row[index] ?? "").length)));
  return table
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const columnOf = ({ one: { step, fault, times } }: Judged): string =>
  `${step.at === "provider" ? "" : "k8s "}${fault.name}${times === 1 ? "" : ` x${String(times)}`}`;

function cellOf(of: readonly Judged[]): string {
  if (of.length === 0) return "-";
  const good = of.filter(({ outcome }) => outcome.kind !== "failed").length;
  const asked = of.filter(({ outcome }) => outcome.kind === "asked").length;
  const worst = Math.max(0, ...of.map(({ outcome }) => outcome.extra));
  return `${String(good)}/${String(of.length)}${asked === 0 ? "" : ` (${String(asked)})`} +${String(worst)}`;
}

/** How many cases ended in which way. */
export function totalsOf(judged: readonly Judged[]): string {
  const counts = Map.groupBy(judged, ({ outcome }) => outcome.kind);
  return [...counts].map(([kind, of]) => `${String(of.length)} ${kind}`).join(", ");
}
