import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createCaches, type Caches } from "../../../src/assembly/caches.ts";
import { watchState } from "../../../src/assembly/instruments.ts";
import { createClientPods } from "../../../src/assembly/pod-watches.ts";
import { type Connection, connect } from "../../../src/kube/connection.ts";
import type { Pods } from "../../../src/ports/pods.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { json, type LoopbackApi, startLoopbackApi } from "../../fakes/loopback-api.ts";
import { eventually } from "../../integration/cluster.ts";

let api: LoopbackApi;
let connection: Connection;
let caches: Caches;
let pods: Pods;
let told: string[];
const open = new Map<string, Set<ServerResponse>>();
const stop = new AbortController();
const metrics = createMetrics([]);

beforeEach(async () => {
  api = await startLoopbackApi((url, _request, response) => {
    const namespace = url.pathname.split("/")[4] ?? "";
    if (!url.searchParams.has("watch")) {
      json(response, { metadata: { resourceVersion: "1" }, items: [] });
      return;
    }
    response.writeHead(200).flushHeaders();
    const watches = open.get(namespace) ?? new Set();
    open.set(namespace, watches.add(response));
    response.on("close", () => watches.delete(response));
  });
  connection = connect({ kubeconfig: api.kubeconfig, timeoutMs: 5000 });
  caches = createCaches("m2m-system", { error: () => undefined });
  told = [];
  pods = createClientPods(caches, {
    connection,
    random: () => 0.5,
    log: { warn: () => undefined, debug: () => undefined },
    onChange: (watcher) => told.push(watcher),
    newWatch: () => watchState(metrics, "pods"),
    signal: stop.signal,
  });
});
afterEach(async () => {
  await connection.close();
  await api.close();
  open.clear();
});

const client = (namespace: string, name: string, deletionTimestamp?: string) =>
  ({
    metadata: {
      ...{ name, namespace, uid: `${namespace}/${name}`, resourceVersion: deletionTimestamp === undefined ? "1" : "2" },
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: { providerRef: { kind: "IdentityProvider", name: "tenant" } },
  }) as never;
const counted = async () => (await metrics.watches.get()).values.reduce((sum, { value }) => sum + value, 0);
const opened = async (namespace: string, count: number): Promise<void> => {
  await eventually(
    () => open.get(namespace)?.size ?? 0,
    (size) => size === count,
    `${String(count)} watches of ${namespace}`,
  );
};

it("clients of one namespace share one watch, which ends with the last of them", async () => {
  for (const name of ["one", "two"]) {
    caches.m2mClients.put(client("a", name));
    pods.watch("a", `a/${name}`);
  }
  await opened("a", 1);
  expect(await counted()).toBe(1);
  expect(new Set(told)).toEqual(new Set(["a/one", "a/two"]));
  pods.unwatch("a", "a/one");
  expect(pods.watch("a", "a/two")).toEqual([]);
  pods.unwatch("a", "a/two");
  await opened("a", 0);
  expect(await counted()).toBe(0);
});

it.each([
  ["is being deleted", (): void => caches.m2mClients.put(client("a", "one", "2026-01-01T00:00:00Z"))],
  ["was deleted", (): void => caches.m2mClients.remove(client("a", "one"))],
  ["is missing in a listing, as after its namespace was deleted", (): void => caches.m2mClients.replaceAll([], "9")],
])("the watch of a client that %s ends, and a pass that is still under way begins none", async (_what, end) => {
  caches.m2mClients.put(client("a", "one"));
  pods.watch("a", "a/one");
  await opened("a", 1);
  end();
  await opened("a", 0);
  expect(pods.watch("a", "a/one")).toBeUndefined();
  expect(await counted()).toBe(0);
});

it("other clients of the namespace keep the watch", async () => {
  for (const name of ["one", "two"]) {
    caches.m2mClients.put(client("a", name));
    pods.watch("a", `a/${name}`);
  }
  await opened("a", 1);
  caches.m2mClients.remove(client("a", "one"));
  expect(pods.watch("a", "a/two")).toEqual([]);
  expect(await counted()).toBe(1);
  caches.m2mClients.remove(client("a", "two"));
  await opened("a", 0);
});
