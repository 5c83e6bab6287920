import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Notices {
  /** `name version (licence)` of every package that is in the bundle. */
  readonly packages: readonly string[];
  readonly text: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type: string };
  readonly repository?: string | { readonly url: string };
}

/** MPL-2.0 asks, beside its text, that the notice says where the source is. */
const ACCEPTED = new Set([
  "MIT",
  "ISC",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "Unlicense",
  "Zlib",
  "MPL-2.0",
]);

/**
 * The licence texts of the packages that these source files belong to. Throws when one has a licence that was not
 * accepted yet: whether it may be shipped is for a person to say.
 */
export function noticesOf(root: string, inputs: readonly string[]): Notices {
  const folders = [...new Set(inputs.map(folderOf).filter((folder) => folder !== undefined))].sort();
  const entries = folders.map((folder) => entryOf(join(root, folder)));
  const refused = entries.filter(({ license }) => !isAccepted(license));
  if (refused.length > 0)
    throw new Error(`licences nobody accepted yet: ${refused.map(({ title }) => title).join(", ")}`);
  return {
    packages: entries.map(({ title }) => title),
    text: entries.map(({ title, text }) => `${title}\n\n${text}\n`).join(`\n${"-".repeat(72)}\n\n`),
  };
}

/** An SPDX expression without nesting: of alternatives one is enough, of what comes together all must be accepted. */
export function isAccepted(expression: string): boolean {
  const alternatives = expression.replaceAll(/[()]/g, "").split(" OR ");
  return alternatives.some((together) => together.split(" AND ").every((license) => ACCEPTED.has(license.trim())));
}

/** `node_modules/…/name`, of the innermost package. */
function folderOf(input: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

function entryOf(folder: string): { title: string; license: string; text: string } {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const { name, version, license: stated, repository } = manifest;
  const license = (typeof stated === "string" ? stated : stated?.type) ?? "no licence";
  const source = (typeof repository === "string" ? repository : repository?.url) ?? `npm package ${name}`;
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  return {
    title: `${name} ${version} (${license})`,
    license,
    text: [`Source: ${source}, version ${version}`, ...texts].join("\n\n"),
  };
}
