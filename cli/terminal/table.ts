import Table from "cli-table3";

const NONE = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "" },
  ...{
    "bottom-right": "",
    left: "",
    "left-mid": "",
    mid: "",
    "mid-mid": "",
    right: "",
    "right-mid": "",
    middle: "   ",
  },
};

/** Columns as kubectl prints them: capitals, three spaces, no lines. */
export function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const style = { "padding-left": 0, "padding-right": 0, head: [], border: [] };
  const table = new Table({ head: [...columns], chars: NONE, style });
  for (const row of rows) table.push(row.map((cell) => cell.replaceAll(/\s+/g, " ")));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
