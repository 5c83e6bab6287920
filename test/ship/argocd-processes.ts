import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ensureTool } from "../../tools/ensure-tool.ts";

/** Argo CD's own sources of the pinned version, for its CRDs: what Go downloaded to build the tool. */
export function argocdSources(): string {
  const told = execFileSync("go", ["mod", "download", "-json", "github.com/argoproj/argo-cd/v3@v3.1.16"], {
    encoding: "utf8",
    env: { ...process.env, GOFLAGS: "-mod=mod" },
  });
  return (JSON.parse(told) as { readonly Dir: string }).Dir;
}

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

export interface ArgoCd {
  stop(): void;
}

/**
 * The processes that sync: redis, Argo CD's repo server and its application controller, against the API server of the
 * kubeconfig. What they say is kept in `dir`.
 */
export async function startArgoCd(kubeconfig: string, dir: string): Promise<ArgoCd> {
  const argocd = await ensureTool("argocd", (line) => {
    console.log(line);
  });
  const folders = { tls: join(dir, "tls"), ssh: join(dir, "ssh"), plugin: join(dir, "plugin"), gpg: join(dir, "gpg") };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const [redis, repo, ...metrics] = await Promise.all(Array.from({ length: 4 }, freePort));
  const children: ChildProcess[] = [];
  const start = (name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void => {
    const child = spawn(command, [...args], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    const log = createWriteStream(join(dir, `${name}.log`));
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    children.push(child);
  };
  start("redis", "redis-server", ["--port", redis ?? "", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
  const shared = {
    ARGOCD_GPG_ENABLED: "false",
    ARGOCD_TLS_DATA_PATH: folders.tls,
    ARGOCD_SSH_DATA_PATH: folders.ssh,
    ARGOCD_PLUGINSOCKFILEPATH: folders.plugin,
    ARGOCD_GNUPGHOME: folders.gpg,
    // Its own words for "the cluster it runs in is that of KUBECONFIG".
    ARGOCD_FAKE_IN_CLUSTER: "true",
    KUBECONFIG: kubeconfig,
    TMPDIR: dir,
  };
  const cache = ["--redis", `127.0.0.1:${redis ?? ""}`];
  start(
    "repo-server",
    argocd,
    ["--address", "127.0.0.1", "--port", repo ?? "", "--metrics-port", metrics[0] ?? "", "--disable-tls", ...cache],
    { ...shared, ARGOCD_BINARY_NAME: "argocd-repo-server" },
  );
  const flags = [
    "--repo-server",
    `127.0.0.1:${repo ?? ""}`,
    "--repo-server-plaintext",
    "--metrics-port",
    metrics[1] ?? "",
  ];
  start(
    "controller",
    argocd,
    ["--kubeconfig", kubeconfig, "--namespace", "argocd", "--app-resync", "15", ...flags, ...cache],
    { ...shared, ARGOCD_BINARY_NAME: "argocd-application-controller", ARGOCD_CONTROLLER_REPLICAS: "1" },
  );
  return {
    stop: () => {
      for (const child of children) child.kill("SIGKILL");
    },
  };
}
