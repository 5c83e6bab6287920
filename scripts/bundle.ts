import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleOperator } from "./bundle/operator.ts";
import { noticesOf } from "./bundle/notices.ts";

/** `dist/`: the operator as modules without dependencies, the licences of what it is made from, and nothing else. */
const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });
const { inputs, bytes } = await bundleOperator(root, dist);
const { packages, text } = noticesOf(root, inputs);
writeFileSync(join(dist, "THIRD_PARTY_NOTICES.txt"), text);
cpSync(join(root, "LICENSE"), join(dist, "LICENSE"));
// Node must know that these are ES modules.
writeFileSync(join(dist, "package.json"), `${JSON.stringify({ type: "module" })}\n`);
const megabytes = (bytes / 1_000_000).toFixed(1);
console.log(`dist: ${megabytes} MB of code, ${String(packages.length)} packages in it`);
