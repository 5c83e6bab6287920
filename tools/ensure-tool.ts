import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Log, platform, preparedFolder } from "./cache-folder.ts";
import { buildGoProgram, type GoProgram, has } from "./go-program.ts";
import { runProgram } from "./run-program.ts";

export type Tool =
  "helm" | "kubeconform" | "argocd" | "promtool" | "actionlint" | "operator-verify" | "krew" | "validate-krew-manifest";

const modules = (name: string): string => join(import.meta.dirname, "modules", name);

const TOOLS: Readonly<Record<Tool, GoProgram>> = {
  helm: {
    name: "helm",
    version: "v4.3.1",
    pkg: "helm.sh/helm/v4/cmd/helm",
    modules: modules("helm"),
    definitions: { "helm.sh/helm/v4/internal/version.version": "v4.3.1" },
    minutes: 4,
  },
  kubeconform: {
    name: "kubeconform",
    version: "v0.8.0",
    pkg: "github.com/yannh/kubeconform/cmd/kubeconform",
    modules: modules("kubeconform"),
    definitions: { "main.version": "v0.8.0" },
    minutes: 1,
  },
  argocd: {
    name: "argocd",
    version: "v3.1.16",
    pkg: "github.com/argoproj/argo-cd/v3/cmd",
    modules: modules("argocd"),
    definitions: { "github.com/argoproj/argo-cd/v3/common.version": "3.1.16" },
    minutes: 7,
  },
  promtool: {
    name: "promtool",
    version: "v0.42.0",
    pkg: "github.com/prometheus/prometheus/cmd/promtool",
    modules: modules("promtool"),
    minutes: 5,
  },
  actionlint: {
    name: "actionlint",
    version: "v1.7.12",
    pkg: "github.com/rhysd/actionlint/cmd/actionlint",
    modules: modules("actionlint"),
    definitions: { "github.com/rhysd/actionlint.version": "1.7.12" },
    minutes: 1,
  },
  "operator-verify": {
    name: "operator-verify",
    version: "v0.9.1",
    pkg: "github.com/operator-framework/api/cmd/operator-verify",
    modules: modules("operator-verify"),
    minutes: 2,
  },
  krew: {
    name: "krew",
    version: "v0.5.0",
    pkg: "sigs.k8s.io/krew/cmd/krew",
    modules: modules("krew"),
    minutes: 1,
  },
  "validate-krew-manifest": {
    name: "validate-krew-manifest",
    version: "v0.5.0",
    pkg: "sigs.k8s.io/krew/cmd/validate-krew-manifest",
    modules: modules("krew"),
    minutes: 1,
  },
};

export const TOOL_NAMES = Object.keys(TOOLS) as readonly Tool[];

/**
 * Path of a tool of the pinned version: a cached copy, else built once from its Go module, which takes minutes and says
 * so. promtool comes from Debian's package where there is one. Throws when neither works.
 */
export async function ensureTool(tool: Tool, log: Log): Promise<string> {
  const program = TOOLS[tool];
  const work = async (dir: string): Promise<void> => {
    if (tool === "promtool" && (await unpackPromtool(dir, log))) return;
    await buildGoProgram(program, dir, log);
  };
  const folder = join("tools", `${tool}-${program.version}-${platform}`);
  const isComplete = (dir: string): boolean => has(dir, tool);
  return join(await preparedFolder({ folder, title: tool, isComplete, work }, log), tool);
}

/** The package is only unpacked: its server and its dependencies are not wanted. */
async function unpackPromtool(dir: string, log: Log): Promise<boolean> {
  const missing = "no Debian packages here";
  try {
    await runProgram("apt-get", ["update", "-qq"], { cwd: dir, missing });
    await runProgram("apt-get", ["download", "-qq", "prometheus"], { cwd: dir, missing });
    const archive = readdirSync(dir).find((name) => name.endsWith(".deb"));
    if (archive === undefined) return false;
    await runProgram("dpkg-deb", ["-x", archive, ".package"], { cwd: dir, missing });
    copyFileSync(join(dir, ".package/usr/bin/promtool"), join(dir, "promtool"));
    return true;
  } catch {
    log("promtool cannot be had as a Debian package here");
    return false;
  }
}
