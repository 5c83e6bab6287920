import { afterAll, beforeAll, expect, it } from "vitest";
import { type ControlPlane, startControlPlane } from "../../../control-plane/start.ts";
import { connect } from "../../../src/kube/connection.ts";
import { acquireLease } from "../../../src/kube/lease.ts";
import { runReflector } from "../../../src/kube/reflector.ts";
import { createStore, type KubeObject } from "../../../src/kube/store.ts";
import { admin, type Cluster, eventually } from "../cluster.ts";
import { apiServerOf, type Revived } from "./api-server.ts";

// A control plane of its own: the API server of the others is not to be killed.
let controlPlane: ControlPlane;
let cluster: Cluster;
let revived: Revived | undefined;
beforeAll(async () => {
  controlPlane = await startControlPlane();
  cluster = admin(controlPlane.kubeconfig);
});
afterAll(async () => {
  revived?.kill();
  await cluster.close();
  await controlPlane.stop();
});

it("an API server that is killed and comes back is watched on, and a lease on it is kept or lost honestly", async () => {
  const namespace = await cluster.createNamespace();
  const connection = connect({ kubeconfig: controlPlane.kubeconfig, timeoutMs: 5000 });
  const store = createStore<KubeObject>({}, () => undefined);
  const stop = new AbortController();
  const quiet = { warn: () => undefined, debug: () => undefined, info: () => undefined };
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  void runReflector({ connection, path, store, random: () => 0, log: quiet }, stop.signal);
  const put = (name: string) => cluster.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace } });
  await put("before");
  await eventually(
    () => store.get(namespace, "before"),
    (object) => object !== undefined,
    "the first object",
  );
  const lease = await acquireLease(
    {
      connection,
      namespace,
      name: "held",
      identity: "me",
      log: quiet,
      durationMs: 90_000,
      renewDeadlineMs: 60_000,
      retryMs: 200,
    },
    stop.signal,
  );

  const apiServer = apiServerOf(cluster.connection.host);
  apiServer.kill();
  await expect(connection.request({ method: "GET", path, timeoutMs: 500 })).rejects.toMatchObject({
    name: "KubeError",
  });
  revived = apiServer.revive();
  await eventually(
    () =>
      put("after").then(
        () => true,
        () => false,
      ),
    (isWritten) => isWritten,
    "a write after the restart",
    60_000,
  );

  await eventually(
    () => store.get(namespace, "after"),
    (object) => object !== undefined,
    "the object written after the restart",
    60_000,
  );
  await eventually(
    () => lease?.sinceRenewalMs() ?? 99_999,
    (ms) => ms < 1000,
    "a renewal after the restart",
  );
  expect(lease?.lost.aborted).toBe(false);
  stop.abort();
  await lease?.release();
  await connection.close();
}, 150_000);
