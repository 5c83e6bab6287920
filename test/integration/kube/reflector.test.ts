import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { controlPlane } from "../control-plane.ts";
import { type Connection, connect } from "../../../src/kube/connection.ts";
import { runReflector } from "../../../src/kube/reflector.ts";
import { createStore, type KubeObject, type Store } from "../../../src/kube/store.ts";
import { admin, type Cluster, eventually } from "../cluster.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

let cluster: Cluster;
let namespace: string;
let proxy: FaultProxy;
let connection: Connection;
let stop: AbortController;
let store: Store<KubeObject>;
let restarts: string[];

beforeAll(async () => {
  cluster = admin();
  proxy = await startFaultProxy(controlPlane().kubeconfig);
});
afterAll(async () => {
  await proxy.close();
  await cluster.close();
});
beforeEach(async () => {
  namespace = await cluster.createNamespace();
  connection = connect({ kubeconfig: proxy.kubeconfig, timeoutMs: 5000 });
  stop = new AbortController();
  store = createStore<KubeObject>({ byLabel: ({ metadata }) => Object.values(metadata.labels ?? {}) }, () => undefined);
  restarts = [];
});
afterEach(async () => {
  stop.abort();
  await connection.close();
  await cluster.remove("Namespace", "", namespace);
});

const watchConfigMaps = (options: { pageSize?: number; silenceMs?: number } = {}): void => {
  void runReflector(
    {
      connection,
      path: `/api/v1/namespaces/${namespace}/configmaps`,
      store,
      isMetadataOnly: true,
      random: () => 0,
      log: { warn: () => undefined, debug: () => undefined },
      onRestart: (why) => restarts.push(why),
      ...options,
    },
    stop.signal,
  );
};
const isWatch = (url: string): boolean => url.includes(`${namespace}/configmaps`) && url.includes("watch=true");
const put = (name: string, labels: Record<string, string> = {}) =>
  cluster.apply({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace, labels },
    data: { secret: "content" },
  });
const known = (name: string) => () => store.get(namespace, name);
const isThere = (object: unknown): boolean => object !== undefined;

it("lists page by page, then hears of every change, and keeps no content", async () => {
  for (let i = 0; i < 5; i++) await put(`page-${String(i)}`);
  watchConfigMaps({ pageSize: 2 });
  await eventually(
    () => store.list().length,
    (count) => count === 5,
    "five objects",
  );
  expect(proxy.requests.filter((url) => url.includes(namespace) && url.includes("limit=2"))).toHaveLength(3);
  await put("later", { team: "a" });
  await eventually(known("later"), isThere, "the new object");
  expect(store.byIndex("byLabel", "a")).toHaveLength(1);
  await cluster.remove("ConfigMap", namespace, "later");
  await eventually(known("later"), (object) => object === undefined, "the object gone");
  expect(store.byIndex("byLabel", "a")).toEqual([]);
  expect(JSON.stringify(store.list())).not.toContain("content");
  expect(JSON.stringify(store.list())).not.toContain("managedFields");
});

it("a watch that is answered with 410 lists again and misses nothing", async () => {
  const gone = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };
  proxy.add({ matches: isWatch, answer: { status: 410, body: JSON.stringify(gone) } });
  watchConfigMaps();
  await put("after");
  await eventually(known("after"), isThere, "the object");
  await eventually(
    () => restarts,
    (seen) => seen.includes("expired"),
    "a new listing",
  );
});

it("an expiry that is said inside the stream lists again too", async () => {
  const error = {
    type: "ERROR",
    object: { kind: "Status", code: 410, reason: "Expired", message: "too old", metadata: {} },
  };
  proxy.add({ matches: isWatch, answer: { status: 200, body: `${JSON.stringify(error)}\n` } });
  watchConfigMaps();
  await put("after");
  await eventually(known("after"), isThere, "the object");
  await eventually(
    () => restarts,
    (seen) => seen.includes("expired"),
    "a new listing",
  );
});

it("a half-open connection is noticed by its silence", async () => {
  proxy.add({ matches: isWatch, stall: true });
  watchConfigMaps({ silenceMs: 400 });
  await eventually(
    () => proxy.requests.some(isWatch),
    (isSeen) => isSeen,
    "the watch",
  );
  await put("unheard");
  await eventually(known("unheard"), isThere, "the object");
  await eventually(
    () => restarts,
    (seen) => seen.includes("failed"),
    "a new watch",
  );
});

it("a line that is cut off ends the watch and is read again", async () => {
  proxy.add({ matches: isWatch, answer: { status: 200, body: '{"type":"ADDED","object":{"metadata":{"na' } });
  watchConfigMaps();
  await put("whole");
  await eventually(known("whole"), isThere, "the object");
  await eventually(
    () => restarts,
    (seen) => seen.includes("failed"),
    "a new watch",
  );
});

it("a request that is throttled waits as long as the server asks, and then succeeds", async () => {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  proxy.add({
    matches: (url) => url.startsWith(`${path}?limit=1`),
    answer: { status: 429, headers: { "retry-after": "1" }, body: "{}" },
  });
  const startedAt = performance.now();
  await connection.request({ method: "GET", path, query: { limit: "1" } });
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(900);
});

it("an object that was deleted and made anew while nobody looked is told as gone and new", async () => {
  const told: string[] = [];
  watchConfigMaps();
  const first = await put("reborn");
  await eventually(known("reborn"), isThere, "the object");
  store.onChange((before, after) =>
    told.push(`${before === undefined ? "-" : "old"} ${after === undefined ? "-" : "new"}`),
  );
  const replacement = {
    metadata: { name: "reborn", namespace, uid: "another", resourceVersion: first.metadata.resourceVersion ?? "1" },
  };
  store.put(replacement);
  expect(told).toEqual(["old -", "- new"]);
});
