import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { runTool } from "./run-tool.ts";

const FOLDER = ".github/workflows";
const files = readdirSync(FOLDER).map((name) => join(FOLDER, name));

interface Workflow {
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, { readonly permissions?: object; readonly "timeout-minutes"?: number }>>;
}

it("actionlint has nothing to say about the workflows", async () => {
  expect(await runTool("actionlint", ["-no-color", ...files])).toEqual({ code: 0, output: "" });
});

it.each(files)("%s pins every action by its commit, and says the version", (file) => {
  const uses = readFileSync(file, "utf8").match(/uses:.*$/gm) ?? [];
  expect(uses.filter((line) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
});

it.each(files)(
  "%s grants nothing by itself; each job says what it needs and when it has gone on for too long",
  (file) => {
    const { permissions, jobs } = parse(readFileSync(file, "utf8")) as Workflow;
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) {
      expect(job.permissions).toBeDefined();
      expect(job["timeout-minutes"]).toBeDefined();
    }
  },
);
