import { join } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";
import { pageScript, pageStyle } from "../../cli/map/page/parts.ts";
import { type Bundle, bundle, onlyWhatIsUsed, REQUIRE } from "./bundle.ts";

/** The first Node.js with everything that the HTTP client in the bundle needs. */
export const OLDEST_NODE = "22.19.0";

/** An older Node.js fails somewhere in the bundle, with a message that helps nobody. */
const ASK_FOR_NODE = `{ const [major, minor] = process.versions.node.split(".").map(Number); const [wantedMajor, wantedMinor] = "${OLDEST_NODE}".split(".").map(Number);
if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) { console.error("kubectl m2m needs Node.js ${OLDEST_NODE} or newer. This is " + process.versions.node + "."); process.exit(1); } }`;

/** The style and the program of the page of `map`, which the source reads from files beside it. */
const withPageParts: Plugin = {
  name: "with-page-parts",
  setup: (builder) => {
    builder.onLoad({ filter: /cli\/map\/page\/parts\.ts$/ }, () => ({
      contents: `export const pageStyle = () => ${JSON.stringify(pageStyle())};
export const pageScript = () => ${JSON.stringify(pageScript())};`,
    }));
  },
};

const ANY_FORM: BuildOptions = {
  target: "node22",
  plugins: [onlyWhatIsUsed, withPageParts],
  // cli-table3 tries it for colours, which the plugin sets itself. The package debug tries the other.
  external: ["@colors/colors", "supports-color"],
};

/**
 * Bundles `cli/main.ts` into a file of this name in the folder, and the vendors' SDKs, which few commands need, into
 * chunks beside it.
 */
export const bundleCli = (root: string, folder: string, name: string): Promise<Bundle> =>
  bundle(root, {
    ...ANY_FORM,
    entryPoints: { [name]: join(root, "cli/main.ts") },
    outdir: folder,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    banner: { js: `#!/usr/bin/env node\n${ASK_FOR_NODE}\n${REQUIRE}` },
  });

/** Bundles the plugin into one script for an executable file, which takes CommonJS alone. */
export const bundleCliScript = (root: string, file: string): Promise<Bundle> =>
  bundle(root, { ...ANY_FORM, entryPoints: [join(root, "cli/executable.ts")], outfile: file, format: "cjs" });
