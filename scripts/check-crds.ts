import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Crd, crdChanges, unannounced } from "./compatibility/crd-changes.ts";

/** Compares the CRDs with those of the last release's tag; whatever breaks users must stand in the changelog. */
const root = join(import.meta.dirname, "..");
const git = (...args: readonly string[]): string | undefined => {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
};

const tag = git("describe", "--tags", "--abbrev=0", "--match", "v*");
if (tag === undefined) {
  console.log("CRDs: no release yet, nothing to compare with.");
} else {
  const now = new Map(
    readdirSync(join(root, "crds")).map((name) => [name, parse(readFileSync(join(root, "crds", name), "utf8")) as Crd]),
  );
  const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
  const released = (git("ls-tree", "--name-only", tag, "crds/") ?? "").split("\n").filter((path) => path !== "");
  const problems = released.flatMap((path) => {
    const before = parse(git("show", `${tag}:${path}`) ?? "") as Crd;
    return unannounced(before.spec.names.kind, crdChanges(before, now.get(path.slice("crds/".length))), changelog);
  });
  for (const problem of problems) console.error(`since ${tag}: ${problem}`);
  if (problems.length > 0) {
    console.error("Take it back, or name kind and field in backquotes under Unreleased in CHANGELOG.md.");
    process.exitCode = 1;
  }
}
