import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseFeatures } from "../../../scripts/generate/features-markdown.ts";
import { ROOT } from "../../docs/pages.ts";

const features = parseFeatures(readFileSync(join(ROOT, "scripts/generate/features.yaml"), "utf8"));
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };

const exists = (proof: string): boolean => {
  const [, script] = /^npm run ([a-z:]+)/.exec(proof) ?? [];
  return script === undefined ? existsSync(join(ROOT, proof)) : script in scripts;
};

it.each(Object.values(features).flat())("has a guide and a proof: $name", ({ guides, proofs }) => {
  expect([...guides, ...proofs].filter((path) => !exists(path))).toEqual([]);
});

it("names each feature once", () => {
  const names = Object.values(features).flatMap((group) => group.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
});
