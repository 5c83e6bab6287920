import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "postject";
import type { Bundle } from "./bundle.ts";
import { bundleCliScript } from "./cli.ts";

/** Marks the place in the executable of Node.js that says whether it holds a program. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";
const SEGMENT = "NODE_SEA_BLOB";

/**
 * Builds the plugin as one executable file: the Node.js that runs this script, with the plugin in it (Node's single
 * executable applications). `folder` also gets the files of the build, which it deletes again.
 */
export async function buildExecutable(root: string, folder: string, file: string): Promise<Bundle> {
  const [script, blob, config] = ["plugin.cjs", "plugin.blob", "sea.json"].map((name) => join(folder, name));
  if (script === undefined || blob === undefined || config === undefined) throw new Error("unreachable");
  const bundled = await bundleCliScript(root, script);
  const options = { main: script, output: blob, disableExperimentalSEAWarning: true, useSnapshot: false };
  writeFileSync(config, JSON.stringify(options));
  execFileSync(process.execPath, ["--experimental-sea-config", config], { stdio: ["ignore", "ignore", "inherit"] });
  copyFileSync(process.execPath, file);
  chmodSync(file, 0o755);
  const isMac = process.platform === "darwin";
  if (isMac) execFileSync("codesign", ["--remove-signature", file]);
  await inject(file, SEGMENT, readFileSync(blob), { sentinelFuse: FUSE, ...(isMac ? { machoSegmentName: "NODE_SEA" } : {}) });
  // macOS runs no file whose signature does not match. This one names nobody.
  if (isMac) execFileSync("codesign", ["--sign", "-", file]);
  for (const path of [script, blob, config]) rmSync(path);
  return bundled;
}
