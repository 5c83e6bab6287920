import { afterAll, beforeAll, expect, it } from "vitest";
import { acquireLease } from "../../../src/kube/lease.ts";
import { createEventRecorder } from "../../../src/kube/events.ts";
import { createObjectClient } from "../../../src/kube/objects.ts";
import { createStore, type KubeObject } from "../../../src/kube/store.ts";
import type { ObjectManifest } from "../../../src/ports/cluster.ts";
import { admin, type Cluster, eventually } from "../cluster.ts";

let cluster: Cluster;
let namespace: string;
/** Of an owner that exists: what belongs to nobody is collected as garbage. */
let ownerUid: string;
beforeAll(async () => {
  cluster = admin();
  namespace = await cluster.createNamespace();
  ownerUid = (await cluster.get("Namespace", "", namespace))?.metadata.uid ?? "";
});
afterAll(async () => {
  await cluster.remove("Namespace", "", namespace);
  await cluster.close();
});

const log = { info: () => undefined, warn: () => undefined, debug: () => undefined };
const times = { durationMs: 1000, renewDeadlineMs: 700, retryMs: 100 };
const leaseOptions = (name: string, identity: string) => ({
  connection: cluster.connection,
  namespace,
  name,
  identity,
  log,
  ...times,
});
const manifest = (name: string, data: Record<string, string>): ObjectManifest => ({
  namespace,
  name,
  type: "Opaque",
  labels: { "m2m-operator.io/managed": "true" },
  annotations: {},
  owner: { apiVersion: "v1", kind: "Namespace", name: namespace, uid: ownerUid },
  data,
});
const secrets = () =>
  createObjectClient(
    cluster.connection,
    "Secret",
    createStore<KubeObject>({}, () => undefined),
  );

it("a lease has one holder; given away, the next one has it at once", async () => {
  const never = new AbortController();
  const first = await acquireLease(leaseOptions("shared", "first"), never.signal);
  let hasSecond = false;
  const second = acquireLease(leaseOptions("shared", "second"), never.signal).then((lease) => {
    hasSecond = true;
    return lease;
  });
  await eventually(
    () => first?.sinceRenewalMs() ?? 0,
    (ms) => ms < 100,
    "a renewal",
  );
  expect(hasSecond).toBe(false);
  await first?.release();
  await (await second)?.release();
});

it("a lease that somebody else wrote over is lost, and says so", async () => {
  const lease = await acquireLease(leaseOptions("stolen", "owner"), new AbortController().signal);
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/stolen`;
  await cluster.connection.request({
    method: "PATCH",
    path,
    contentType: "application/merge-patch+json",
    body: { spec: { holderIdentity: "thief" } },
  });
  await eventually(
    () => lease?.lost.aborted,
    (isLost) => isLost === true,
    "the loss",
  );
});

it("a holder that died is replaced once its lease has stood still for long enough", async () => {
  const dead = await acquireLease(leaseOptions("left", "dead"), new AbortController().signal);
  expect(dead).toBeDefined();
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/left`;
  // As a process that was killed leaves it: held, and never renewed again.
  await dead?.release();
  await cluster.connection.request({
    method: "PATCH",
    path,
    contentType: "application/merge-patch+json",
    body: { spec: { holderIdentity: "dead", leaseDurationSeconds: 1 } },
  });
  const next = await acquireLease(leaseOptions("left", "next"), new AbortController().signal);
  await next?.release();
});

it("what exists is never overwritten by a create, and a replace needs the version it read", async () => {
  const client = secrets();
  await client.create(manifest("mine", { a: "1" }));
  await expect(client.create(manifest("mine", { a: "2" }))).rejects.toMatchObject({ reason: "AlreadyExists" });
  const before = await client.read(namespace, "mine");
  if (before === undefined) throw new Error("the Secret is not there");
  await client.replace(before, manifest("mine", { b: "2" }));
  expect((await client.read(namespace, "mine"))?.data).toEqual({ b: "2" });
  await expect(client.replace(before, manifest("mine", { c: "3" }))).rejects.toMatchObject({ code: 409 });
});

it("an object that was replaced by another of the same name is not removed", async () => {
  const client = secrets();
  const head = await client.create(manifest("swapped", { a: "1" }));
  await expect(client.remove({ ...head, uid: "22222222-2222-2222-2222-222222222222" })).rejects.toMatchObject({
    code: 409,
  });
  expect(await client.read(namespace, "swapped")).toBeDefined();
  await client.remove(head);
  await client.remove(head);
});

it("a repeated event is one event with a count", async () => {
  const recorder = createEventRecorder({ connection: cluster.connection, instance: "test", log });
  const regarding = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, namespace, uid: "u", resourceVersion: "1" },
    spec: {},
  };
  const events = async () =>
    (await cluster.list("Event", namespace)).filter((event) => JSON.stringify(event).includes("Repeated"));
  recorder.record(regarding, "Normal", "Repeated", "the same thing");
  await eventually(events, (found) => found.length === 1, "the event");
  await eventually(
    async () => {
      recorder.record(regarding, "Normal", "Repeated", "the same thing");
      return events();
    },
    (found) => JSON.stringify(found).includes('"count"'),
    "the count",
  );
  expect(await events()).toHaveLength(1);
});

it("no answer to a write or the deletion of a Secret brings back its content", async () => {
  const answers: unknown[] = [];
  const connection: typeof cluster.connection = {
    ...cluster.connection,
    request: async (request) => {
      const answer = await cluster.connection.request(request);
      answers.push(answer);
      return answer as never;
    },
  };
  const store = createStore<KubeObject>({}, () => undefined);
  const client = createObjectClient(connection, "Secret", store);
  const head = await client.create(manifest("quiet", { password: "not-a-real-secret" }));
  const before = { ...head, type: "Opaque", data: {} };
  const replaced = await client.replace(before, manifest("quiet", { password: "not-a-real-secret-2" }));
  await client.setFinalizer(replaced, "m2m-operator.io/test", true);
  const kept = client.head(namespace, "quiet");
  expect(kept?.finalizers).toEqual(["m2m-operator.io/test"]);
  expect((await secrets().read(namespace, "quiet"))?.data).toEqual({ password: "not-a-real-secret-2" });
  await client.remove(kept ?? replaced);
  const deleted = client.head(namespace, "quiet");
  expect(deleted).toMatchObject({ isDeleting: true, finalizers: ["m2m-operator.io/test"] });
  await client.setFinalizer(deleted ?? replaced, "m2m-operator.io/test", false);
  expect(answers).toHaveLength(5);
  for (const secret of ["not-a-real-secret", "not-a-real-secret-2"])
    expect(JSON.stringify(answers)).not.toContain(Buffer.from(secret).toString("base64"));
  expect(await secrets().read(namespace, "quiet")).toBeUndefined();
});
