import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { configurationMarkdown, FLAGS } from "../src/config.ts";
import { CUSTOM_RESOURCES, type KindDefinition } from "../src/kinds/registry.ts";
import { PROVIDERS } from "../src/providers/by-name.ts";
import { admissionPoliciesTemplate } from "./generate/admission-policies.ts";
import { argocdFiles } from "./generate/argocd.ts";
import { chartReadme, chartSchema, chartValues } from "./generate/chart-values.ts";
import { cliMarkdown } from "./generate/cli-markdown.ts";
import { conditionsMarkdown } from "./generate/conditions-markdown.ts";
import { crdYaml } from "./generate/crd.ts";
import { doctorMarkdown } from "./generate/doctor-markdown.ts";
import { featuresMarkdown } from "./generate/features-markdown.ts";
import { kindMarkdown } from "./generate/kind-markdown.ts";
import { metricsMarkdown } from "./generate/metrics-markdown.ts";
import { providersMarkdown } from "./generate/providers-markdown.ts";
import { olmFiles } from "./generate/olm.ts";
import { repositoryFiles } from "./generate/repository.ts";
import { permissionsMarkdown, roleFiles } from "./generate/roles.ts";

/** Everything that is made from the code, by path. `--check` compares instead of writing. */
const root = join(import.meta.dirname, "..");
const pageOf = (definition: KindDefinition): string =>
  kindMarkdown(definition, readFileSync(join(root, "scripts/generate/examples", `${definition.plural}.yaml`), "utf8"));
const chart = "charts/m2m-operator";
const named = new Map(repositoryFiles());
const values = chartValues(named.get(`${chart}/values.yaml`) ?? "");
const policies = readdirSync(join(root, "deploy/policies"))
  .filter((name) => name !== "kustomization.yaml")
  .map((name) => readFileSync(join(root, "deploy/policies", name), "utf8"));
const files = new Map<string, string>([
  ...CUSTOM_RESOURCES.flatMap((definition) =>
    ["crds", `${chart}/files/crds`].map(
      (folder) => [`${folder}/${definition.plural}.yaml`, crdYaml(definition)] as const,
    ),
  ),
  ...named,
  ...roleFiles(),
  ...argocdFiles(),
  ...olmFiles(),
  ...CUSTOM_RESOURCES.map((definition) => [`docs/reference/${definition.plural}.md`, pageOf(definition)] as const),
  [`${chart}/templates/admission-policies.yaml`, admissionPoliciesTemplate(policies)],
  ["docs/reference/conditions.md", conditionsMarkdown()],
  ["docs/reference/configuration.md", configurationMarkdown()],
  ["docs/reference/doctor.md", doctorMarkdown()],
  ["docs/reference/kubectl-m2m.md", cliMarkdown()],
  ["docs/reference/metrics.md", metricsMarkdown()],
  ["docs/reference/permissions.md", permissionsMarkdown()],
  [`${chart}/values.schema.json`, chartSchema(values, FLAGS)],
  [`${chart}/README.md`, chartReadme(values)],
  ["docs/providers.md", providersMarkdown(PROVIDERS)],
  ["docs/features.md", featuresMarkdown(readFileSync(join(root, "scripts/generate/features.yaml"), "utf8"))],
]);

const read = (path: string): string | undefined => {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
};

if (process.argv.includes("--check")) {
  const stale = [...files].filter(([path, content]) => read(path) !== content).map(([path]) => path);
  if (stale.length > 0) {
    console.error(`Not what the code says: ${stale.join(", ")}. Run npm run generate and commit the result.`);
    process.exitCode = 1;
  }
} else {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}
