import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fetch } from "undici";
import type { AnyObject, Cluster } from "../integration/cluster.ts";

/** What a kubelet does for Pods of one namespace, as far as the operator's own need it: their processes are real. */
export interface NodeAgent {
  /** What every process wrote, by Pod. */
  readonly logs: ReadonlyMap<string, string>;
  /** Refusals to begin, for the test's end. */
  readonly problems: readonly string[];
  stop(): Promise<void>;
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly nodeName?: string;
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
  readonly volumes: readonly { readonly name: string; readonly projected?: { readonly sources: readonly Source[] } }[];
  readonly containers: readonly [Container];
}

interface Source {
  readonly serviceAccountToken?: { readonly path: string; readonly expirationSeconds: number };
  readonly configMap?: { readonly name: string; readonly items: readonly { key: string; path: string }[] };
  readonly downwardAPI?: { readonly items: readonly { readonly path: string }[] };
}

interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: readonly EnvVar[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly readinessProbe: { readonly httpGet: { readonly path: string } };
}

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly configMapKeyRef?: { readonly name: string; readonly key: string } };
}

interface Running {
  readonly child: ChildProcess;
  readonly dir: string;
  isReady: boolean;
}

const MAIN = join(import.meta.dirname, "../../src/main.ts");

/**
 * Starts one process for each Pod, from the Pod's own spec as the API server has it, tells its readiness by its own
 * probe, and ends it when the Pod is deleted. There is no Pod network: the process serves on a free port of this machine.
 */
export function startNodeAgent(cluster: Cluster, namespace: string): NodeAgent {
  const running = new Map<string, Running>();
  const logs = new Map<string, string>();
  const problems: string[] = [];
  const stop = new AbortController();
  const step = async (pod: AnyObject): Promise<void> => {
    const { name, uid = "" } = pod.metadata;
    const known = running.get(uid);
    if (pod.metadata.deletionTimestamp !== undefined) {
      await end(known);
      running.delete(uid);
      await removed(cluster, pod);
    } else if (known === undefined) {
      const started = await start(cluster, pod, (text) => logs.set(name, (logs.get(name) ?? "") + text));
      running.set(uid, started);
    } else if (!known.isReady && (await isReady(pod, logs.get(name) ?? ""))) {
      await tellReady(cluster, pod);
      known.isReady = true;
    }
  };
  const looping = (async () => {
    while (!stop.signal.aborted) {
      for (const pod of await cluster.list("Pod", namespace))
        await step(pod).catch((error: unknown) => problems.push(String(error)));
      await delay(100);
    }
  })();
  return {
    logs,
    problems,
    stop: async () => {
      stop.abort();
      await looping;
      await Promise.all([...running.values()].map(end));
    },
  };
}

const specOf = (pod: AnyObject): PodSpec => pod.spec as unknown as PodSpec;
const pathOf = ({ metadata }: AnyObject): string =>
  `/api/v1/namespaces/${metadata.namespace ?? ""}/pods/${metadata.name}`;

async function start(cluster: Cluster, pod: AnyObject, onLog: (text: string) => void): Promise<Running> {
  const spec = specOf(pod);
  const [container] = spec.containers;
  // A Pod of a node is deleted in two steps, so that its process can end.
  if (spec.nodeName === undefined)
    await cluster.connection.request({
      method: "POST",
      path: `${pathOf(pod)}/binding`,
      body: { apiVersion: "v1", kind: "Binding", metadata: pod.metadata, target: { kind: "Node", name: "this" } },
    });
  const dir = mkdtempSync(join(tmpdir(), "m2m-pod-"));
  const mounts = await Promise.all(
    container.volumeMounts.map(async ({ name, mountPath }) => {
      const sources = spec.volumes.find((volume) => volume.name === name)?.projected?.sources ?? [];
      return { from: await project(cluster, pod, sources, join(dir, name)), to: mountPath };
    }),
  );
  const child = spawn("unshare", ["--mount", "sh", "-ec", script(mounts, spec), "sh", ...container.args], {
    env: await environmentOf(cluster, pod, container),
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      onLog(chunk.toString());
    });
  return { child, dir, isReady: false };
}

/** Token, certificate authority and namespace, as the projected volume that admission added says. */
async function project(cluster: Cluster, pod: AnyObject, sources: readonly Source[], dir: string): Promise<string> {
  const { namespace = "" } = pod.metadata;
  mkdirSync(dir);
  for (const { serviceAccountToken: token, configMap, downwardAPI } of sources) {
    if (token !== undefined)
      writeFileSync(join(dir, token.path), await tokenFor(cluster, pod, token.expirationSeconds));
    if (configMap !== undefined) {
      const data = (await cluster.get("ConfigMap", namespace, configMap.name))?.data ?? {};
      for (const { key, path } of configMap.items) writeFileSync(join(dir, path), String(data[key]));
    }
    for (const { path } of downwardAPI?.items ?? []) writeFileSync(join(dir, path), namespace);
  }
  return dir;
}

async function tokenFor(cluster: Cluster, pod: AnyObject, expirationSeconds: number): Promise<string> {
  const { name, namespace = "", uid } = pod.metadata;
  const boundObjectRef = { apiVersion: "v1", kind: "Pod", name, uid };
  const { status } = await cluster.connection.request<{ readonly status: { readonly token: string } }>({
    method: "POST",
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${specOf(pod).serviceAccountName}/token`,
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds, boundObjectRef },
    },
  });
  return status.token;
}

/** The root file system is read-only for it and it is the user that the Pod names, with no capabilities. */
function script(mounts: readonly { from: string; to: string }[], { securityContext }: PodSpec): string {
  const { runAsUser, runAsGroup } = securityContext;
  return [
    "mount -t tmpfs tmpfs $(readlink -f /var/run)",
    ...mounts.map(({ from, to }) => `mkdir -p ${to} && cp ${from}/* ${to}/ && chmod -R a+rX ${to}`),
    "mount -o remount,bind,ro /",
    `exec setpriv --reuid=${String(runAsUser)} --regid=${String(runAsGroup)} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all ${process.execPath} ${MAIN} "$@"`,
  ].join("\n");
}

async function environmentOf(cluster: Cluster, pod: AnyObject, { env }: Container): Promise<Record<string, string>> {
  const { namespace = "" } = pod.metadata;
  const [host = "", port = ""] = cluster.connection.host.split(":");
  const values: Record<string, string> = {
    PATH: process.env["PATH"] ?? "",
    KUBERNETES_SERVICE_HOST: host,
    KUBERNETES_SERVICE_PORT: port,
    M2M_HTTP_ADDRESS: "127.0.0.1:0",
  };
  for (const { name, value, valueFrom } of env) {
    const ref = valueFrom?.configMapKeyRef;
    // The one field that the Pod refers to is its namespace.
    if (ref === undefined) values[name] = value ?? namespace;
    else values[name] = (await cluster.get("ConfigMap", namespace, ref.name))?.data?.[ref.key] ?? "";
  }
  return values;
}

async function isReady(pod: AnyObject, log: string): Promise<boolean> {
  const port = /"port":(\d+)/.exec(log)?.[1];
  if (port === undefined) return false;
  const { path } = specOf(pod).containers[0].readinessProbe.httpGet;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  return answer?.status === 200;
}

async function tellReady(cluster: Cluster, pod: AnyObject): Promise<void> {
  const types = ["PodScheduled", "Initialized", "ContainersReady", "Ready"];
  await cluster.connection.request({
    method: "PATCH",
    path: `${pathOf(pod)}/status`,
    contentType: "application/merge-patch+json",
    body: { status: { phase: "Running", conditions: types.map((type) => ({ type, status: "True" })) } },
  });
}

async function end(process: Running | undefined): Promise<void> {
  if (process === undefined) return;
  const { child, dir } = process;
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await exited;
  }
  rmSync(dir, { recursive: true, force: true });
}

async function removed(cluster: Cluster, pod: AnyObject): Promise<void> {
  const body = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } };
  await cluster.connection.request({ method: "DELETE", path: pathOf(pod), body });
}
