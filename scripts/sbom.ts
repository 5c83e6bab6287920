import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Prints the production tree as CycloneDX. npm makes it of the whole lockfile: told to omit what developers need, it also
 * leaves out packages that both they and the operator need.
 */
interface Bom {
  readonly metadata: { readonly component: { readonly name: string; readonly "bom-ref": string } };
  readonly components: readonly { readonly "bom-ref": string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly dev?: true; readonly link?: true }>>;
}

const root = join(import.meta.dirname, "..");
const npm = [
  "sbom",
  "--package-lock-only",
  "--workspaces=false",
  "--sbom-type",
  "application",
  "--sbom-format",
  "cyclonedx",
];
const whole = JSON.parse(execFileSync("npm", npm, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 })) as Bom;

const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lockfile;
const wanted = new Set(
  Object.entries(packages)
    .filter(([path, { dev, link }]) => path.includes("node_modules/") && dev !== true && link !== true)
    .map(([path, { version = "" }]) => `${path.slice(path.lastIndexOf("node_modules/") + 13)}@${version}`),
);
const { component } = whole.metadata;
const { name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly name: string };
const isWanted = (ref: string): boolean => wanted.has(ref) || ref === component["bom-ref"];
const bom = {
  ...whole,
  metadata: { ...whole.metadata, component: { ...component, name } },
  components: whole.components.filter((one) => isWanted(one["bom-ref"])),
  dependencies: whole.dependencies
    .filter(({ ref }) => isWanted(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isWanted) })),
};
console.log(JSON.stringify(bom, null, 2));
