import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleSandbox } from "./bundle/sandbox.ts";
import { noticesOf } from "./bundle/notices.ts";

/**
 * `dist/m2m-sandbox/`: the simulated tenants as an npm package without dependencies. `dist/m2m-sandbox-VERSION.tgz`: the
 * same as a tarball, which `npx` runs. With `--no-tarball` only the folder, as the image has it.
 */
const root = join(import.meta.dirname, "..");
const dist = join(root, "dist/m2m-sandbox");
const { version, license, engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly version: string;
  readonly license: string;
  readonly engines: object;
};
const FILE = "m2m-sandbox.js";

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const { inputs, bytes } = await bundleSandbox(root, join(dist, FILE));
chmodSync(join(dist, FILE), 0o755);
const { packages, text } = noticesOf(root, inputs);
writeFileSync(join(dist, "THIRD_PARTY_NOTICES.txt"), text);
cpSync(join(root, "LICENSE"), join(dist, "LICENSE"));
const manifest = {
  ...{ name: "m2m-sandbox", version, license, type: "module", engines },
  description: "A simulated Auth0 tenant and a simulated Okta org, for tests of machine-to-machine clients",
  bin: { "m2m-sandbox": FILE },
};
writeFileSync(join(dist, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
console.log(
  `dist/m2m-sandbox: ${(bytes / 1_000_000).toFixed(1)} MB of code, ${String(packages.length)} packages in it`,
);
if (!process.argv.includes("--no-tarball")) {
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", ".."], { cwd: dist, encoding: "utf8" });
  console.log(`dist/${packed.trim()}`);
}
