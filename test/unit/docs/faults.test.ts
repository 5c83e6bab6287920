import { expect, it } from "vitest";
import { MAY_STALL } from "../../faults/exceptions.ts";
import { readPage } from "../../docs/pages.ts";

it("the page about failing calls lists the exceptions that the harness allows, and no other", () => {
  const [, table = ""] = readPage("docs/faults.md").split("## Faults that end in Stalled");
  const rows = [...table.matchAll(/^\| (\d{3}) +\| (\d+) +\| (.+?) +\| (.+?) +\|$/gm)].map(([, ...cells]) => cells);
  const wanted = MAY_STALL.map(({ fault, fromTimes, reasons, why }) => [
    ...[fault, String(fromTimes), reasons.map((reason) => `\`${reason}\``).join(", "), why],
  ]);
  expect(rows).toEqual(wanted);
});
