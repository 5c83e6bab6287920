import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

it("the demo runs the examples from nothing to nothing, and shows no credential", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, "demo/main.ts")], { timeout: 110_000 });
  expect(stdout).toContain("ScopeGrant importer-uploads is Ready");
  expect(stdout).toContain("POST /upload: 200 uploaded");
  expect(stdout).toContain("POST /approve: 403 insufficient_scope");
  expect(stdout).toContain("refused: access_denied");
  expect(stdout).toContain('{"apis":0,"clients":0,"grants":0}');
  expect(stdout).toContain('{"servers":0,"apps":0,"policies":0}');
  expect(stdout).toContain("nothing is left behind");
  // Client secrets of the simulated tenant are 64 characters, tokens far longer.
  expect(stdout).not.toMatch(/[A-Za-z0-9_-]{64,}/);
}, 120_000);
