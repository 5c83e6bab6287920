import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const SDK = join(import.meta.dirname, "../../../src/providers/okta/sdk.ts");
const folder = mkdtempSync(join(tmpdir(), "m2m-okta-files-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Sends one request in a process of its own, and prints where to and as whom. */
const PROGRAM = `
const { createSdk } = await import(process.argv[1]);
const sdk = createSdk("https://org.example.com", async (url, { headers }) => {
  console.log(url, JSON.stringify(headers));
  return new Response("[]", { headers: { "content-type": "application/json" } });
});
for await (const app of await sdk.applicationApi.listApplications()) console.log(app);
`;

it.each([
  ["an empty file, as a shell makes it for what a command writes", ""],
  ["an export of two resources", "kind: OAuthApi\n---\nkind: M2MClient\n"],
  ["the SDK's own settings", "okta: { client: { orgUrl: https://evil.example.com, userAgent: not-ours } }\n"],
])("reads no okta.yaml of the current folder or the home folder: %s", (_what, content) => {
  const home = join(folder, "home");
  mkdirSync(join(home, ".okta"), { recursive: true });
  for (const file of [join(folder, "okta.yaml"), join(home, ".okta/okta.yaml")]) writeFileSync(file, content);
  const env = { ...process.env, HOME: home, OKTA_CLIENT_ORGURL: "https://evil.example.com", NODE_NO_WARNINGS: "1" };
  const run = spawnSync(process.execPath, ["--input-type=module", "--eval", PROGRAM, SDK], {
    ...{ cwd: folder, env, encoding: "utf8" },
  });
  expect(run.stderr).toBe("");
  expect(run.stdout).toMatch(/^https:\/\/org\.example\.com\/api\/v1\/apps/);
  expect(run.stdout).not.toMatch(/evil|not-ours/);
});
