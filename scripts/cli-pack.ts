import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleCli, OLDEST_NODE } from "./bundle/cli.ts";
import { completePackage, packBeside } from "./bundle/npm-package.ts";

/**
 * `dist/kubectl-m2m/`: the kubectl plugin as an npm package without dependencies. `dist/kubectl-m2m-VERSION.tgz`: the same
 * as a tarball. With `--dir DIR` both are in DIR instead of `dist`.
 */
const root = join(import.meta.dirname, "..");
const at = process.argv.indexOf("--dir");
const parent = at === -1 ? join(root, "dist") : resolve(process.argv[at + 1] ?? "");
const folder = join(parent, "kubectl-m2m");
const NAME = "kubectl-m2m";
const PLUGIN = `${NAME}.js`;
const COMPLETION = "kubectl_complete-m2m.js";

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const plugin = await bundleCli(root, folder, NAME);
// kubectl calls an executable of this name to complete a command line.
const completion = `#!/usr/bin/env node\nprocess.argv.splice(2, 0, "__complete");\nawait import("./${PLUGIN}");\n`;
writeFileSync(join(folder, COMPLETION), completion);
completePackage(root, folder, plugin, {
  name: "kubectl-m2m",
  engines: { node: `>=${OLDEST_NODE}` },
  description: "kubectl plugin for m2m-operator: status, rotation and tokens of machine-to-machine clients",
  bin: { "kubectl-m2m": PLUGIN, "kubectl_complete-m2m": COMPLETION },
});
packBeside(folder);
