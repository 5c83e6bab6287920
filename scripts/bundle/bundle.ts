import { build, type BuildOptions, type Plugin } from "esbuild";

export interface Bundle {
  /** Every source file that is in it, relative to the root. */
  readonly inputs: readonly string[];
  readonly bytes: number;
}

/** Packages from CommonJS ask for Node's own modules by `require`, which an ES module does not have. */
export const REQUIRE = `import { createRequire as createRequireOfNode } from "node:module"; const require = createRequireOfNode(import.meta.url);`;

/** Its modules only declare, which its manifest does not say: without the word, every model of Kubernetes would be kept. */
export const onlyWhatIsUsed: Plugin = {
  name: "only-what-is-used",
  setup: (builder) => {
    builder.onResolve({ filter: /^@kubernetes\/client-node$/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === onlyWhatIsUsed) return undefined;
      return { ...(await builder.resolve(path, { ...options, pluginData: onlyWhatIsUsed })), sideEffects: false };
    });
    builder.onResolve({ filter: /^\./ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === onlyWhatIsUsed || !options.importer.includes("/@kubernetes/client-node/")) return undefined;
      return { ...(await builder.resolve(path, { ...options, pluginData: onlyWhatIsUsed })), sideEffects: false };
    });
  },
};

/**
 * Bundles a program of this project, with what is its own in `options`. Identifiers stay unchanged, so that stack traces
 * can be read. esbuild's `keepNames` would name every closure again whenever it is created.
 * Throws where a module cannot be found.
 */
export async function bundle(root: string, options: BuildOptions): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    platform: "node",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "warning",
    ...options,
    metafile: true,
  });
  const outputs = Object.values(metafile.outputs);
  const used = new Set(outputs.flatMap((output) => Object.keys(output.inputs)));
  return { inputs: [...used], bytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0) };
}
