import { join } from "node:path";
import { build } from "esbuild";

export interface Bundle {
  /** Every source file that is in it, relative to the root. */
  readonly inputs: readonly string[];
  readonly bytes: number;
}

/** Packages from CommonJS ask for Node's own modules by `require`, which an ES module does not have. */
const REQUIRE = `import { createRequire as createRequireOfNode } from "node:module"; const require = createRequireOfNode(import.meta.url);`;

/**
 * Bundles `src/main.ts` into `dist/main.js`, and what is imported only on demand, above all the vendors' SDKs, into
 * chunks beside it. Names are kept, so that stack traces can be read. Throws where a module cannot be found.
 */
export async function bundleOperator(root: string, dist: string): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: join(root, "src/main.ts") },
    outdir: dist,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    chunkNames: "chunks/[name]-[hash]",
    banner: { js: REQUIRE },
    keepNames: true,
    minifySyntax: true,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  const outputs = Object.values(metafile.outputs);
  const used = new Set(outputs.flatMap((output) => Object.keys(output.inputs)));
  return { inputs: [...used], bytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0) };
}
