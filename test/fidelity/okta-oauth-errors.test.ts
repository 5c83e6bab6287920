import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { REFUSALS } from "../../sandbox/okta/oauth-errors.ts";
import { fixturesFolder } from "./recordings.ts";

const FILE = "okta-oauth-errors.tsv";

/** Refusals that are in no row, each with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

/** HTTP status, `error` and text by the vendor's own code of the reason. */
function readRows(): ReadonlyMap<string, readonly [number, string, string]> {
  const folder = fixturesFolder();
  if (folder === undefined || !existsSync(join(folder, FILE))) return new Map();
  const lines = readFileSync(join(folder, FILE), "utf8").split("\n");
  const rows = lines.filter((line) => line !== "").map((line) => line.split("\t"));
  return new Map(
    rows.map(([status = "", error = "", code = "", text = ""]) => [code, [Number(status), error, generic(text)]]),
  );
}

/** What is put in at run time is not the same in the table and in the code. */
const generic = (text: string): string => text.trim().replace(/\[(en|…)\]/, "[value]");

const rows = readRows();

describe.skipIf(rows.size === 0)("the vendor's own table of errors (skipped: no folder has it)", () => {
  it.each(Object.entries(REFUSALS))("%s is refused as the table says", (code, [status, error, text]) => {
    if (EXCEPTIONS[code] !== undefined) expect(rows.get(code)).not.toEqual([status, error, generic(text)]);
    else expect([status, error, generic(text)]).toEqual(rows.get(code));
  });
});
