import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { completePackage, packBeside } from "./bundle/npm-package.ts";
import { bundleSandbox } from "./bundle/sandbox.ts";

/**
 * `dist/m2m-sandbox/`: the simulated tenants as an npm package without dependencies. `dist/m2m-sandbox-VERSION.tgz`: the
 * same as a tarball, which `npx` runs. With `--no-tarball` only the folder, as the image has it.
 */
const root = join(import.meta.dirname, "..");
const folder = join(root, "dist/m2m-sandbox");
const FILE = "m2m-sandbox.js";

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
completePackage(root, folder, await bundleSandbox(root, join(folder, FILE)), {
  name: "m2m-sandbox",
  description: "A simulated Auth0 tenant and a simulated Okta org, for tests of machine-to-machine clients",
  bin: { "m2m-sandbox": FILE },
});
if (!process.argv.includes("--no-tarball")) packBeside(folder);
