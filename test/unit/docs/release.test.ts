import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../docs/pages.ts";

const workflow = readFileSync(join(ROOT, ".github/workflows/release.yaml"), "utf8").replaceAll(/\\\n\s*/g, "");
const features = readFileSync(join(ROOT, "scripts/generate/features.yaml"), "utf8");
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };

it("a release holds every image that has a Dockerfile", () => {
  const built = [...workflow.matchAll(/docker buildx build (?:--file (\S+) )?/g)].map(
    ([, file]) => file ?? "Dockerfile",
  );
  const ours = globSync(["Dockerfile", "*/Dockerfile"], { cwd: ROOT }).filter((path) => !path.startsWith("bundle/"));
  expect(built.toSorted()).toEqual(ours.toSorted());
});

it("a release holds every package, and the features name each", () => {
  const packages = Object.keys(scripts).filter((name) => name.endsWith(":pack"));
  expect(packages).toEqual(["cli:pack", "sandbox:pack"]);
  for (const name of packages) expect(workflow).toContain(`npm run ${name}`);
  for (const proof of ["test/ship/plugin.test.ts", "test/ship/sandbox.test.ts"]) expect(features).toContain(proof);
});
