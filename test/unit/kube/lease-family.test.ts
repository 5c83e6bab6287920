import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connect } from "../../../src/kube/connection.ts";
import { identityOf } from "../../../src/kube/family-view.ts";
import type { HeldLease } from "../../../src/kube/held-lease.ts";
import { createLeaseFamily } from "../../../src/kube/lease-family.ts";
import type { Lease } from "../../../src/kube/lease-client.ts";
import { json, startLoopbackApi } from "../../fakes/loopback-api.ts";
import { eventually } from "../../integration/cluster.ts";

/** Leases by name, with the versions of a real API server. */
let leases: Map<string, Lease>;
let version: number;
/** Writes that hold every listing back until there are so many. */
let awaitedWrites: number;
let cleanups: (() => Promise<unknown> | void)[];
beforeEach(() => {
  leases = new Map();
  cleanups = [];
  [version, awaitedWrites] = [0, 0];
});
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function serve(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const name = url.pathname.split("/leases/")[1] ?? "";
  if (request.method === "GET" && name === "") {
    await eventually(
      () => version,
      (count) => count >= awaitedWrites,
      "the writes",
    );
    const selector = url.searchParams.get("labelSelector") ?? "";
    const items = [...leases.values()].filter(({ metadata }) =>
      Object.entries(metadata.labels ?? {}).some(([key, value]) => `${key}=${value}` === selector),
    );
    json(response, { items });
    return;
  }
  if (request.method === "GET") {
    const known = leases.get(name);
    json(response, known ?? { reason: "NotFound" }, known === undefined ? 404 : 200);
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const incoming = JSON.parse(Buffer.concat(chunks).toString()) as Lease;
  const known = leases.get(incoming.metadata.name);
  if (known?.metadata.resourceVersion !== incoming.metadata.resourceVersion) {
    json(response, { reason: "Conflict" }, 409);
    return;
  }
  version += 1;
  const written = { ...incoming, metadata: { ...incoming.metadata, resourceVersion: String(version) } };
  leases.set(incoming.metadata.name, written);
  json(response, written);
}

const TIMING = { durationMs: 2000, renewDeadlineMs: 1300, retryMs: 200 };

/** One process that counts so many shards. */
async function familyOf(host: string, shards: number) {
  const api = await startLoopbackApi((url, request, response) => {
    serve(url, request, response).catch(() => response.destroy());
  });
  const connection = connect({ kubeconfig: api.kubeconfig, timeoutMs: 5000 });
  const warned: string[] = [];
  const log = { info: () => undefined, warn: (_fields: object, message: string) => warned.push(message) };
  const family = createLeaseFamily({
    ...{ connection, namespace: "n", leaseName: "m2m-operator", shards, identity: identityOf(host, "1", shards) },
    ...{ timing: TIMING, random: () => Math.random(), log },
  });
  const over = new AbortController();
  const running = shards === 1 ? undefined : family.run(() => Promise.resolve(), over.signal);
  cleanups.push(async () => {
    over.abort();
    await running;
    await connection.close();
    await api.close();
  });
  const acquire = async (shard: number): Promise<HeldLease | undefined> => {
    const held = await family.acquire(shard, () => true, over.signal);
    if (held !== undefined) cleanups.push(() => held.release());
    return held;
  };
  return { family, acquire, warned };
}

const within = <T>(work: Promise<T>, ms: number): Promise<T | "not yet"> =>
  Promise.race([work, new Promise<"not yet">((resolve) => setTimeout(resolve, ms, "not yet"))]);

it("who counts another number of shards waits until nobody works with the old one, though its own shard is free", async () => {
  const [old, next] = [await familyOf("old", 1), await familyOf("next", 3)];
  const held = await old.acquire(0);
  await next.family.nextRead();
  const waiting = next.acquire(2);
  expect(await within(waiting, 2500)).toBe("not yet");
  expect(leases.has("m2m-operator-shard-2")).toBe(false);
  await held?.release();
  expect((await waiting)?.isHeld()).toBe(true);
});

it("the same the other way round, when shards become one", async () => {
  const [old, next] = [await familyOf("old", 3), await familyOf("next", 1)];
  const held = await old.acquire(1);
  const waiting = next.acquire(0);
  expect(await within(waiting, 1500)).toBe("not yet");
  await held?.release();
  expect((await waiting)?.isHeld()).toBe(true);
});

it("a holder that carries no label is seen, too", async () => {
  const spec = { holderIdentity: "host_1", leaseDurationSeconds: 60, renewTime: "1" };
  leases.set("m2m-operator", { metadata: { namespace: "n", name: "m2m-operator", resourceVersion: "0" }, spec });
  const next = await familyOf("next", 3);
  expect(await within(next.acquire(1), 2500)).toBe("not yet");
});

it("of two who take a Lease in the same moment never both work, and in the end one does", async () => {
  const [two, three] = [await familyOf("two", 2), await familyOf("three", 3)];
  await Promise.all([two.family.nextRead(), three.family.nextRead()]);
  // Neither reads again before both have written.
  awaitedWrites = 2;
  const acquired: HeldLease[] = [];
  let most = 0;
  const note = (held: HeldLease | undefined): void => {
    if (held !== undefined) acquired.push(held);
    most = Math.max(most, acquired.filter((each) => each.isHeld()).length);
  };
  const races = [two.acquire(1).then(note), three.acquire(2).then(note)];
  await Promise.race(races);
  await within(Promise.all(races), 1500);
  expect(most).toBe(1);
  expect([...two.warned, ...three.warned]).toContain("other replicas use another number of shards, waiting");
});
