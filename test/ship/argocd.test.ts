import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { GROUP, KINDS } from "../../src/kinds/registry.ts";
import { runTool } from "./run-tool.ts";

const ROOT = "deploy/argocd";

interface HealthTest {
  readonly inputPath: string;
  readonly healthStatus: { readonly status: string; readonly message: string };
}

interface DiscoveryTest {
  readonly inputPath: string;
  readonly result: readonly { readonly name: string; readonly disabled: boolean }[];
}

/** Argo CD's own code, with the scripts as its ConfigMap has them. */
async function override(command: readonly string[]): Promise<string> {
  const args = [
    "admin",
    "settings",
    "resource-overrides",
    ...command,
    "--argocd-cm-path",
    join(ROOT, "argocd-cm.yaml"),
  ];
  // It tells of its own doings on stderr as JSON.
  const { output } = await runTool("argocd", args, { ARGOCD_LOG_FORMAT: "json" });
  return output.replaceAll(/^\{.*\}$/gm, "").trim();
}

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/;

/** The annotation that an action adds or takes away, as Argo CD shows the change. */
const CHANGES: Readonly<Record<string, RegExp>> = {
  reconcile: new RegExp(`> +${GROUP}/reconcile-requested-at: "${TIME.source}"`),
  rotate: new RegExp(`> +${GROUP}/rotate-requested-at: "${TIME.source}"`),
  pause: new RegExp(`> +${GROUP}/paused: "true"`),
  resume: new RegExp(`< +${GROUP}/paused: "true"`),
};

describe.each(KINDS)("$kind", ({ kind }) => {
  const folder = join(ROOT, GROUP, kind);
  const read = <T>(path: string): T => parse(readFileSync(join(folder, path), "utf8")) as T;
  const { tests } = read<{ tests: readonly HealthTest[] }>("health_test.yaml");
  const { discoveryTests } = read<{ discoveryTests: readonly DiscoveryTest[] }>("actions/action_test.yaml");

  it.each(tests)("$inputPath is $healthStatus.status", async ({ inputPath, healthStatus }) => {
    const told = await override(["health", join(folder, inputPath)]);
    expect(told).toBe(`STATUS: ${healthStatus.status}\nMESSAGE: ${healthStatus.message}`);
  });

  it("every recorded object is tried", () => {
    const recorded = readdirSync(join(folder, "testdata")).map((name) => `testdata/${name}`);
    expect(tests.map(({ inputPath }) => inputPath).sort()).toEqual(recorded.sort());
  });

  it.each(discoveryTests)("of $inputPath the actions are offered that make sense", async ({ inputPath, result }) => {
    const told = await override(["list-actions", join(folder, "actions", inputPath)]);
    const [, ...rows] = told.split("\n").map((line) => line.trim().split(/\s+/));
    expect(rows).toEqual(result.map(({ name, disabled }) => [name, String(disabled)]));
  });

  const offered = discoveryTests.flatMap(({ inputPath, result }) =>
    result.filter(({ disabled }) => !disabled).map(({ name }) => ({ name, inputPath })),
  );
  it.each(offered)("$name changes its annotation of $inputPath and nothing else", async ({ name, inputPath }) => {
    const told = await override(["run-action", join(folder, "actions", inputPath), name]);
    const changed = told.split("\n").filter((line) => /^[<>]/.test(line) && !/^[<>] +annotations:( \{\})?$/.test(line));
    expect(changed).toEqual([expect.stringMatching(CHANGES[name] ?? /no such action/)]);
  });
});
