/** One figure. `bound` is what it is held against, where there is something. */
export interface Row {
  readonly benchmark: string;
  readonly subject: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly bound?: number;
}

export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ benchmark, subject, metric, value, unit, bound }) => [
    benchmark,
    subject,
    metric,
    `${String(Math.round(value * 100) / 100)} ${unit}`,
    bound === undefined ? "" : String(Math.round(bound * 100) / 100),
  ]);
  const header = ["benchmark", "subject", "metric", "value", "bound"];
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return [line(header), ...cells.map(line)].join("\n");
}
