import { execFile, execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildOperatorImage, SANDBOX } from "../../scripts/image/operator-image.ts";
import { runImage } from "../../scripts/image/run-image.ts";
import { OPERATOR_VERSION } from "../../src/version.ts";
import { blocksOf, ROOT } from "../docs/pages.ts";
import {
  ACCESS,
  AUDIENCE,
  type SandboxProcess,
  setupOf,
  startSandboxProcess,
  stopped,
} from "../e2e/sandbox-process.ts";

/** The simulated tenants as they are shipped: an npm package that npx runs, and an image. */
const exec = promisify(execFile);
const dir = mkdtempSync(join(tmpdir(), "m2m-ship-sandbox-"));
const tarball = `m2m-sandbox-${OPERATOR_VERSION}.tgz`;

beforeAll(() => {
  execFileSync("npm", ["run", "--silent", "sandbox:pack"], { cwd: ROOT });
  const block = blocksOf("docs/how-to/test-without-a-tenant.md").find(({ text }) => text.includes("// workload.mjs"));
  writeFileSync(join(dir, "workload.mjs"), block?.text ?? "");
  symlinkSync(join(ROOT, "node_modules"), join(dir, "node_modules"));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

async function expectTokens({ setup }: Pick<SandboxProcess, "setup">): Promise<void> {
  for (const vendor of ["auth0", "okta"]) {
    const { stdout } = await exec(process.execPath, [join(dir, "workload.mjs"), setup, vendor]);
    expect(decodeJwt(stdout.trim())).toMatchObject({ aud: AUDIENCE });
  }
}

it("npx runs the packed tarball in an empty folder", async () => {
  const empty = join(dir, "empty");
  mkdirSync(empty);
  const args = ["--yes", `--prefix=${empty}`, `file:${join(ROOT, "dist", tarball)}`, "--dir", join(empty, "sandbox")];
  const sandbox = await startSandboxProcess("npx", [...args, "--setup-port", "0", ...ACCESS]);
  await expectTokens(sandbox).finally(() => sandbox.stop());
  expect(readdirSync(join(empty, "sandbox")).sort()).toEqual(["auth0", "ca.pem", "okta", "sandbox.json"]);
});

it("the image runs as a user that is not root, on a read-only file system, without a shell", async () => {
  const image = await buildOperatorImage(ROOT, join(dir, "image"), console.log, SANDBOX);
  expect(image.config.User).toBe("65532:65532");
  expect(image.config.Labels?.["org.opencontainers.image.version"]).toBe(OPERATOR_VERSION);
  expect(image.config.Entrypoint).toEqual(expect.arrayContaining(["8443", "8080"]));
  const files = readdirSync(image.root, { recursive: true, encoding: "utf8" });
  expect(files.filter((path) => /(^|\/)(sh|bash|npm|npx)$/.test(path))).toEqual([]);
  const bytes = files.map((path) => lstatSync(join(image.root, path))).filter((file) => file.isFile());
  expect(bytes.reduce((sum, { size }) => sum + size, 0) / 2 ** 20).toBeLessThan(150);
  const shared = join(dir, "shared");
  mkdirSync(shared);
  // Free ports in place of the image's own: the last flag counts.
  const child = runImage(image, ["--port", "0", "--setup-port", "0", ...ACCESS], shared);
  await expectTokens({ setup: await setupOf(child) }).finally(() => stopped(child));
}, 600_000);
