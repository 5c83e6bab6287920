import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startSandbox, type Sandbox } from "../../../sandbox/start.ts";

const dir = mkdtempSync(join(tmpdir(), "sandbox-"));
const file = join(dir, "sandbox.json");
let sandbox: Sandbox;
beforeAll(async () => {
  writeFileSync(file, "{}", { mode: 0o644 });
  sandbox = await startSandbox({ dir });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(dir, { recursive: true });
});

it("sandbox.json has what either way of calling the org needs, for its owner alone", () => {
  const { auth0, okta, admin } = JSON.parse(readFileSync(file, "utf8")) as Record<string, object>;
  expect(Object.keys(auth0 ?? {}).sort()).toEqual(["clientId", "clientSecret", "domain", "url"]);
  const keys = ["apiToken", "clientId", "customDomain", "ec", "keyId", "privateKey", "url"];
  expect(Object.keys(okta ?? {}).sort()).toEqual(keys);
  expect(Object.keys(admin ?? {})).toEqual(["url"]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
