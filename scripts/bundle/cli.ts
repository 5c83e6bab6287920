import { join } from "node:path";
import type { Plugin } from "esbuild";
import { pageScript, pageStyle } from "../../cli/map/page/parts.ts";
import { type Bundle, bundle, onlyWhatIsUsed, REQUIRE } from "./bundle.ts";

/** The first Node.js with everything that the HTTP client in the bundle needs. */
export const OLDEST_NODE = "22.19.0";

/** An older Node.js fails somewhere in the bundle, with a message that helps nobody. */
const ASK_FOR_NODE = `{ const [major, minor] = process.versions.node.split(".").map(Number); const [wantedMajor, wantedMinor] = "${OLDEST_NODE}".split(".").map(Number);
if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) { console.error("kubectl m2m needs Node.js ${OLDEST_NODE} or newer. This is " + process.versions.node + "."); process.exit(1); } }`;

/** The plugin reads what vendors declare and never loads an adapter with its SDK. */
const withoutAdapters: Plugin = {
  name: "without-adapters",
  setup: (builder) => {
    builder.onResolve({ filter: /^\.\/index\.ts$/ }, ({ path, importer, kind }) =>
      kind === "dynamic-import" && /src\/providers\/[^/]+\/declaration\.ts$/.test(importer)
        ? { path, external: true }
        : undefined,
    );
  },
};

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

/** How the bundle runs: by a Node.js of the user, or in an executable file of its own, which takes CommonJS alone. */
const FORMS = {
  module: { entry: "cli/main.ts", format: "esm", banner: `#!/usr/bin/env node\n${ASK_FOR_NODE}\n${REQUIRE}` },
  executable: { entry: "cli/executable.ts", format: "cjs", banner: "" },
} as const;

/** Bundles the plugin into one file that runs by itself, without dependencies. */
export function bundleCli(root: string, file: string, form: keyof typeof FORMS = "module"): Promise<Bundle> {
  const { banner, entry, format } = FORMS[form];
  return bundle(root, {
    entryPoints: [join(root, entry)],
    outfile: file,
    format,
    target: "node22",
    banner: { js: banner },
    plugins: [onlyWhatIsUsed, withoutAdapters, withPageParts],
    // cli-table3 tries it for colours, which the plugin sets itself.
    external: ["@colors/colors"],
  });
}
