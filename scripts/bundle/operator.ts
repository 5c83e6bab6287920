import { join } from "node:path";
import { type Bundle, bundle, onlyWhatIsUsed, REQUIRE } from "./bundle.ts";

/**
 * Bundles `src/main.ts` into `dist/main.js`, and what is imported only on demand, above all the vendors' SDKs, into
 * chunks beside it.
 */
export const bundleOperator = (root: string, dist: string): Promise<Bundle> =>
  bundle(root, {
    entryPoints: { main: join(root, "src/main.ts") },
    outdir: dist,
    splitting: true,
    target: "node24",
    chunkNames: "chunks/[name]-[hash]",
    banner: { js: REQUIRE },
    plugins: [onlyWhatIsUsed],
    // The package debug tries whether it is there, and only developers' tools bring it.
    external: ["supports-color"],
  });
