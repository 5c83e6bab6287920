import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Answer, json, type LoopbackApi, startLoopbackApi } from "../../fakes/loopback-api.ts";
import { eventually } from "../../integration/cluster.ts";

const MAIN = join(import.meta.dirname, "../../../src/main.ts");
/** Far below the 45 s that a Pod is given. */
const SECONDS = 6000;

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function start(kubeconfig: string, ...flags: readonly string[]): Running {
  const args = ["--instance-id", "stop-test", "--kubeconfig", kubeconfig, "--http-address", "127.0.0.1:0", ...flags];
  const child = spawn(process.execPath, [MAIN, "--namespace", "n", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  cleanups.push(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, output: () => output, ended };
}

async function serve(answer: Answer, user?: object): Promise<LoopbackApi> {
  const api = await startLoopbackApi(answer, user);
  cleanups.push(() => api.close());
  return api;
}

const says = (running: Running, text: string): Promise<unknown> =>
  eventually(running.output, (output) => output.includes(text), `"${text}" in the log`);

async function stopped({ child, ended, output }: Running, signal: NodeJS.Signals): Promise<void> {
  const startedAt = performance.now();
  child.kill(signal);
  expect(await ended, output()).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(SECONDS);
  expect(output()).not.toMatch(/unexpected error, exiting|could not start/);
}

const isWatch = (url: URL): boolean => url.searchParams.has("watch");
const isLease = (url: URL): boolean => url.pathname.includes("/leases");
const hang = (): void => undefined;
const emptyList = (response: ServerResponse): void => {
  json(response, { metadata: { resourceVersion: "1" }, items: [] });
};
const isProofKey = (url: URL): boolean => url.pathname.endsWith("/secrets/m2m-operator-proof-key");
/** Nothing in it but the operator's own key; the Lease is `lease`'s. */
const empty =
  (lease: Answer): Answer =>
  (url, request, response) => {
    if (isLease(url)) lease(url, request, response);
    else if (isWatch(url)) response.writeHead(200).flushHeaders();
    else if (isProofKey(url)) json(response, { data: { key: Buffer.alloc(32).toString("base64") } });
    else emptyList(response);
  };
const held =
  (holderIdentity: string): Answer =>
  (url, _request, response) => {
    const spec = { holderIdentity, leaseDurationSeconds: 15 };
    const lease = { metadata: { namespace: "n", name: "m2m-operator", resourceVersion: "1" }, spec };
    json(response, url.pathname.endsWith("/leases") && url.search !== "" ? { items: [lease] } : lease);
  };

describe.each(["SIGTERM", "SIGINT"] as const)("%s ends the process in seconds, with exit code 0,", (signal) => {
  it("when the API server cannot be reached", async () => {
    const dir = mkdtempSync(join(tmpdir(), "unreachable-"));
    cleanups.push(() => {
      rmSync(dir, { recursive: true });
    });
    const api = await startLoopbackApi(hang);
    const kubeconfig = join(dir, "kubeconfig");
    copyFileSync(api.kubeconfig, kubeconfig);
    await api.close();
    const running = start(kubeconfig);
    await says(running, "watch failed");
    await stopped(running, signal);
    expect(running.output()).not.toContain("caches are filled");
  });

  it("when the API server hangs", async () => {
    const api = await serve(hang);
    const running = start(api.kubeconfig);
    await eventually(
      () => api.requests.length,
      (count) => count > 0,
      "a request",
    );
    await stopped(running, signal);
    expect(running.output()).not.toContain("caches are filled");
  });

  it("when its resources are not installed", async () => {
    const api = await serve((url, request, response) => {
      if (url.pathname.startsWith("/apis/m2m-operator.io")) json(response, { reason: "NotFound" }, 404);
      else empty(hang)(url, request, response);
    });
    const running = start(api.kubeconfig);
    await says(running, "watch failed");
    await stopped(running, signal);
    expect(running.output()).not.toContain("caches are filled");
  });

  it("when its credential plugin hangs", async () => {
    const dir = mkdtempSync(join(tmpdir(), "plugin-"));
    cleanups.push(() => {
      rmSync(dir, { recursive: true });
    });
    const asked = join(dir, "asked");
    const command = { command: "/bin/sh", args: ["-c", `touch ${asked}; exec sleep 8`] };
    const api = await serve(hang, { exec: { apiVersion: "client.authentication.k8s.io/v1", ...command } });
    const running = start(api.kubeconfig);
    await eventually(
      () => existsSync(asked),
      (isAsked) => isAsked,
      "the plugin asked",
    );
    await stopped(running, signal);
  });

  it("while another process has the lease", async () => {
    const running = start((await serve(empty(held("another")))).kubeconfig);
    await says(running, "started");
    await stopped(running, signal);
    expect(running.output()).not.toContain("lease acquired");
  });

  it("while the lease is asked for and nobody answers", async () => {
    const api = await serve(empty(hang));
    const running = start(api.kubeconfig);
    await eventually(
      () => api.requests.some(({ url }) => isLease(url)),
      (isAsked) => isAsked,
      "the lease asked for",
    );
    await stopped(running, signal);
  });

  it("while it leads and the API server begins to hang", async () => {
    let isHanging = false;
    let asked = 0;
    const answers = empty(held(""));
    const api = await serve((url, request, response) => {
      if (isHanging) asked += 1;
      else answers(url, request, response);
    });
    const running = start(api.kubeconfig);
    await says(running, "lease acquired");
    isHanging = true;
    await eventually(
      () => asked,
      (count) => count > 0,
      "a renewal that hangs",
    );
    await stopped(running, signal);
  });
});

/** A provider whose credentials are requested and never come: a pass that is under way. */
const provider = {
  apiVersion: "m2m-operator.io/v1alpha1",
  kind: "ClusterIdentityProvider",
  metadata: { name: "p", uid: "u", resourceVersion: "1", generation: 1 },
  spec: { auth0: { domain: "p.eu.auth0.com" }, credentialsSecretRef: { name: "p" } },
};

it("a second signal ends a process at once that waits for its work", async () => {
  let isWorking = false;
  const answers = empty(held(""));
  const api = await serve((url, request, response) => {
    if (!isWatch(url) && url.pathname.endsWith("/clusteridentityproviders"))
      json(response, { metadata: { resourceVersion: "1" }, items: [provider] });
    else if (url.pathname.includes("/clusteridentityproviders/p") || url.pathname.endsWith("/secrets/p"))
      isWorking = true;
    else answers(url, request, response);
  });
  const running = start(api.kubeconfig);
  await eventually(
    () => isWorking,
    (itIs) => itIs,
    "a pass under way",
  );
  running.child.kill("SIGTERM");
  await says(running, "stopping");
  const startedAt = performance.now();
  running.child.kill("SIGTERM");
  expect(await running.ended).toBe(1);
  expect(performance.now() - startedAt).toBeLessThan(1000);
  expect(running.output()).toContain("stopping at once");
});

it("an address that cannot be listened at ends the start with what is wrong", async () => {
  const running = start("/nowhere", "--http-address", "::1:8080");
  expect(await running.ended).toBe(2);
  expect(running.output()).toContain("--http-address");
  const foreign = start((await serve(hang)).kubeconfig, "--http-address", "192.0.2.1:8080");
  expect(await foreign.ended).toBe(2);
  expect(foreign.output()).toContain("cannot listen at 192.0.2.1:8080: EADDRNOTAVAIL");
});

it("a kubeconfig that cannot be read ends the start with what is wrong", async () => {
  const running = start("/nowhere/kubeconfig");
  expect(await running.ended).toBe(1);
  expect(running.output()).toContain("/nowhere/kubeconfig");
});
