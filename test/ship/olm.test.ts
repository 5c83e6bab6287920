import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runTool } from "./run-tool.ts";

const CSV = "m2m-operator.clusterserviceversion.yaml";

it("the Operator Lifecycle Manager's own code takes the bundle", async () => {
  expect(await runTool("operator-verify", ["manifests", "bundle/manifests"])).toEqual({ code: 0, output: "" });
});

it("and refuses it when something is wrong with it", async () => {
  const dir = mkdtempSync(join(tmpdir(), "m2m-bundle-"));
  cpSync("bundle/manifests", dir, { recursive: true });
  const text = readFileSync(join(dir, CSV), "utf8");
  writeFileSync(join(dir, CSV), text.replace(/^ {2}version: .*$/m, "  version: none"));
  const { code, output } = await runTool("operator-verify", ["manifests", dir]);
  rmSync(dir, { recursive: true, force: true });
  expect(code).not.toBe(0);
  expect(output).toContain("version");
});
