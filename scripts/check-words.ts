import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findingsIn } from "./words/files.ts";

const ROOT = join(import.meta.dirname, "..");

/** Every text that people read. The pages in docs/reference hold the texts of the CRDs, reasons, flags and metrics. */
const TEXTS = [
  ...["*.md", "docs/**/*.md", "charts/**/*.md", "deploy/**/*.md", "bundle/**/*.md"],
  ...[
    "charts/*/templates/NOTES.txt",
    "charts/*/Chart.yaml",
    ".github/ISSUE_TEMPLATE/*.yaml",
    ".github/ISSUE_TEMPLATE/*.yml",
  ],
  "bundle/manifests/*.clusterserviceversion.yaml",
  // Their comments, and in src/ the messages of conditions and errors.
  "{src,cli,sandbox,demo,test,bench,scripts,control-plane,keycloak}/**/*.ts",
];
const NOT_OURS = ["**/node_modules/**", "docs/.vitepress/**", "docs/repository/**"];

const texts = (): readonly string[] => globSync(TEXTS, { cwd: ROOT, exclude: NOT_OURS }).sort();

let count = 0;
const named = process.argv.slice(2);
for (const path of named.length > 0 ? named : texts()) {
  const findings = await findingsIn(path, readFileSync(join(ROOT, path), "utf8"));
  for (const { line, column, message } of findings) console.log(`${path}:${line}:${column} ${message}`);
  count += findings.length;
}
if (count > 0) {
  console.log(`${count} findings. The rules are in scripts/words.`);
  process.exitCode = 1;
}
