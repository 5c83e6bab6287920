import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureBinaries } from "../../../control-plane/binaries.ts";
import { controlPlane } from "../../integration/control-plane.ts";
import { createWorld, type World } from "../world.ts";
import { type Ended, ran } from "./plugin.ts";

const ROOT = join(import.meta.dirname, "../../..");
const dir = mkdtempSync(join(tmpdir(), "m2m-cli-"));
let world: World;
let namespace: string;
let binaries: string;

beforeAll(async () => {
  const run = promisify(execFile);
  await run(process.execPath, [join(ROOT, "scripts/cli-pack.ts"), "--dir", dir]);
  const tarball = join(dir, "kubectl-m2m-0.1.0.tgz");
  await run("npm", ["install", "--global", "--offline", "--prefix", join(dir, "installed"), tarball]);
  binaries = await ensureBinaries(() => undefined);
  world = await createWorld();
  namespace = await world.namespace();
  await world.client(namespace, "importer");
  await world.ready("M2MClient", namespace, "importer");
});
afterAll(async () => {
  await world.end();
  rmSync(dir, { recursive: true });
});

/** kubectl as a user has it, with the installed package on the PATH. */
function kubectl(...args: readonly string[]): Promise<Ended> {
  const path = [join(dir, "installed/bin"), binaries, dirname(process.execPath), process.env["PATH"]];
  return ran(join(binaries, "kubectl"), args, { PATH: path.join(delimiter), KUBECONFIG: controlPlane().kubeconfig });
}

it("kubectl finds the plugin, which has the version of the operator", async () => {
  expect(await kubectl("m2m", "--version")).toMatchObject({ code: 0, stdout: "0.1.0\n" });
});

it("kubectl m2m works against the cluster and hands on the exit code", async () => {
  const { code, stdout } = await kubectl("m2m", "status", "-n", namespace);
  expect(stdout).toContain(`M2MClient ${namespace}/importer  Ready`);
  expect(code).toBe(0);
  expect((await kubectl("m2m", "status", "m2mc/nobody", "-n", namespace)).code).toBe(1);
  expect((await kubectl("m2m", "no-such-command")).code).toBe(2);
});

it("the packed plugin has the page of the map in it", async () => {
  const { stdout } = await kubectl("m2m", "map", "-n", namespace, "-o", "html");
  expect(stdout).toContain("<style>:root {");
  expect(stdout).toContain(`<title>Who may call what</title>`);
});

it("kubectl completes commands and names of resources", async () => {
  const commands = await kubectl("__complete", "m2m", "rec");
  expect(commands.stdout).toContain("reconcile\tRead the tenant again now\n:4");
  const names = await kubectl("__complete", "m2m", "rotate", "-n", namespace, "");
  expect(names.stdout).toContain("importer\n:4");
});
