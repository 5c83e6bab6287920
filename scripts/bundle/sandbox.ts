import { join } from "node:path";
import { build } from "esbuild";
import type { Bundle } from "./operator.ts";
import { REQUIRE } from "./operator.ts";

/** Bundles `sandbox/main.ts` into one file that runs by itself, without dependencies. */
export async function bundleSandbox(root: string, file: string): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(root, "sandbox/main.ts")],
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  const outputs = Object.values(metafile.outputs);
  const inputs = outputs.flatMap((output) => Object.keys(output.inputs));
  return { inputs, bytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0) };
}
