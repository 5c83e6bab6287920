import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseFeatures } from "../../../scripts/generate/features-markdown.ts";
import { ROOT } from "../../docs/pages.ts";

const features = parseFeatures(readFileSync(join(ROOT, "scripts/generate/features.yaml"), "utf8"));
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };
const benchmarks = [...readFileSync(join(ROOT, "bench/benchmarks.ts"), "utf8").matchAll(/^  "?([a-z-]+)"?: \{$/gm)].map(
  (match) => match[1],
);

const exists = (proof: string): boolean => {
  const [, script, name] = /^npm run ([a-z:]+)(?: -- (\S+))?/.exec(proof) ?? [];
  if (script === undefined) return existsSync(join(ROOT, proof));
  return script in scripts && (name === undefined || benchmarks.includes(name));
};

it.each(Object.values(features).flat())("has a guide and a proof: $name", ({ guides, proofs }) => {
  expect([...guides, ...proofs].filter((path) => !exists(path))).toEqual([]);
});

const folder = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
/** Whether a proof runs with this vendor. Tests whose text names none run with a simulated Auth0 tenant. */
const isAbout = (proof: string, vendor: string): boolean => {
  if (proof.startsWith("npm run")) return true;
  const path = join(ROOT, proof);
  const texts = (statSync(path).isDirectory() ? folder(path) : [path]).map((file) => file + readFileSync(file, "utf8"));
  return texts.some((text) => vendor === "auth0" || text.toLowerCase().includes(vendor));
};
const claims = Object.values(features)
  .flat()
  .flatMap(({ name, support, proofs }) =>
    support === "all" ? [] : Object.entries(support).map((entry) => ({ name, entry, proofs })),
  )
  .filter(({ entry: [, value] }) => !["no", "no token", "not tested"].includes(value));

it.each(claims)("has a proof that runs with the vendor: $name, $entry", ({ entry: [vendor], proofs }) => {
  expect(proofs.filter((proof) => isAbout(proof, vendor))).not.toEqual([]);
});

it.each(["{ auth0: 'yes', okta: 'no' }", "{ auth0: 'yes', okta: 'no', keycloak: '' }", "some", "~"])(
  "refuses a vendor without a value: %s",
  (support) => {
    const yaml = (value: string): string =>
      `declare: [{ name: A, support: ${value}, guides: [a], proofs: [b] }]\noperate: []\ntrust: []\n`;
    expect(() => parseFeatures(yaml(support))).toThrow("support");
    expect(() => parseFeatures(yaml("all"))).not.toThrow();
  },
);

it("names each feature once", () => {
  const names = Object.values(features).flatMap((group) => group.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
});
