import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "../..");
const Package = z.object({ repository: z.templateLiteral(["github:", z.string().regex(/^[\w.-]+\/[\w.-]+$/)]) });

/** Owner and name of the repository at GitHub. `repository` in package.json is the one place that says it. */
export const REPOSITORY = Package.parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))).repository.slice(
  "github:".length,
);

const [OWNER = ""] = REPOSITORY.split("/");
/** Where the release workflow pushes the image. */
export const IMAGE = `ghcr.io/${REPOSITORY}`;
/** Where people read the documentation. */
export const REPOSITORY_URL = `https://github.com/${REPOSITORY}`;

/** Files written by hand that name the repository, the image or the chart. */
const NAMING = [
  "README.md",
  "SECURITY.md",
  "charts/m2m-operator/files/alerts.yaml",
  "charts/m2m-operator/templates/NOTES.txt",
  "charts/m2m-operator/values.yaml",
  "deploy/base/deployment.yaml",
  "deploy/overlays/cluster/kustomization.yaml",
  "deploy/overlays/namespaced/kustomization.yaml",
  "docs/index.md",
  "docs/tutorial.md",
  "test/ship/alerts.promtool.yaml",
];

const renamed = (text: string): string =>
  text
    .replaceAll(/ghcr\.io\/[\w.-]+\/charts\b/g, `ghcr.io/${OWNER}/charts`)
    .replaceAll(/ghcr\.io\/[\w.-]+\/m2m-operator\b/g, IMAGE)
    .replaceAll(/https:\/\/github\.com\/[\w.-]+\/m2m-operator\b/g, REPOSITORY_URL)
    .replaceAll(/--repo [\w.-]+\/m2m-operator\b/g, `--repo ${REPOSITORY}`);

/** Those files by path, with the names that package.json says. A fork changes that one line and runs `npm run generate`. */
export const repositoryFiles = (): readonly (readonly [string, string])[] =>
  NAMING.map((path) => [path, renamed(readFileSync(join(ROOT, path), "utf8"))] as const);
