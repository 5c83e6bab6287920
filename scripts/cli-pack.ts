import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleCli, OLDEST_NODE } from "./bundle/cli.ts";
import { noticesOf } from "./bundle/notices.ts";

/**
 * `dist/kubectl-m2m/`: the kubectl plugin as an npm package without dependencies. `dist/kubectl-m2m-VERSION.tgz`: the same
 * as a tarball. With `--dir DIR` both are in DIR instead of `dist`.
 */
const root = join(import.meta.dirname, "..");
const at = process.argv.indexOf("--dir");
const parent = at === -1 ? join(root, "dist") : resolve(process.argv[at + 1] ?? "");
const dist = join(parent, "kubectl-m2m");
const { version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly version: string;
  readonly license: string;
};
const PLUGIN = "kubectl-m2m.js";
const COMPLETION = "kubectl_complete-m2m.js";

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const { inputs, bytes } = await bundleCli(root, join(dist, PLUGIN));
// kubectl calls an executable of this name to complete a command line.
const completion = `#!/usr/bin/env node\nprocess.argv.splice(2, 0, "__complete");\nawait import("./${PLUGIN}");\n`;
writeFileSync(join(dist, COMPLETION), completion);
for (const file of [PLUGIN, COMPLETION]) chmodSync(join(dist, file), 0o755);
const { packages, text } = noticesOf(root, inputs);
writeFileSync(join(dist, "THIRD_PARTY_NOTICES.txt"), text);
cpSync(join(root, "LICENSE"), join(dist, "LICENSE"));
const manifest = {
  ...{ name: "kubectl-m2m", version, license, type: "module", engines: { node: `>=${OLDEST_NODE}` } },
  description: "kubectl plugin for m2m-operator: status, rotation and tokens of machine-to-machine clients",
  bin: { "kubectl-m2m": PLUGIN, "kubectl_complete-m2m": COMPLETION },
};
writeFileSync(join(dist, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`${dist}: ${(bytes / 1_000_000).toFixed(1)} MB of code, ${String(packages.length)} packages in it`);
const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", ".."], { cwd: dist, encoding: "utf8" });
console.log(join(parent, packed.trim()));
