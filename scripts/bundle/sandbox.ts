import { join } from "node:path";
import { type Bundle, bundle, REQUIRE } from "./bundle.ts";

/** Bundles `sandbox/main.ts` into one file that runs by itself, without dependencies. */
export const bundleSandbox = (root: string, file: string): Promise<Bundle> =>
  bundle(root, {
    entryPoints: [join(root, "sandbox/main.ts")],
    outfile: file,
    target: "node20",
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
  });
