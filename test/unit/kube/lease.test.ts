import type { IncomingMessage, ServerResponse } from "node:http";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connect } from "../../../src/kube/connection.ts";
import type { HeldLease } from "../../../src/kube/held-lease.ts";
import { acquireLease } from "../../../src/kube/lease.ts";
import { cutOff, json, startLoopbackApi } from "../../fakes/loopback-api.ts";
import { eventually } from "../../integration/cluster.ts";

/** The one Lease, with the versions of a real API server; each process may reach it by a way of its own. */
interface Lease {
  metadata: { name: string; namespace: string; uid: string; resourceVersion: string; labels?: object };
  spec?: { holderIdentity?: string; leaseDurationSeconds?: number };
}
let lease: Lease | undefined;
let version: number;
let cleanups: (() => Promise<void> | void)[];
beforeEach(() => {
  [lease, version, cleanups] = [undefined, 0, []];
});
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function bodyOf(request: IncomingMessage): Promise<Lease> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Lease;
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const known = lease;
  if (request.method === "GET") {
    if (known === undefined) json(response, { reason: "NotFound" }, 404);
    else json(response, known);
    return;
  }
  const incoming = await bodyOf(request);
  if (request.method === "POST" && known !== undefined) json(response, { reason: "AlreadyExists" }, 409);
  else if (request.method === "PUT" && known === undefined) json(response, { reason: "NotFound" }, 404);
  else if (request.method === "PUT" && incoming.metadata.resourceVersion !== known?.metadata.resourceVersion)
    json(response, { reason: "Conflict" }, 409);
  else {
    version += 1;
    lease = { ...incoming, metadata: { ...incoming.metadata, uid: "u", resourceVersion: String(version) } };
    json(response, lease);
  }
}

interface Way {
  /** Instead of serving; returns false to serve after all. */
  spoil: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly log: { readonly warned: string[]; info(): void; warn(fields: object, message: string): void };
  acquire(signal?: AbortSignal, timing?: object): Promise<HeldLease | undefined>;
}

const TIMING = { durationMs: 2000, renewDeadlineMs: 1300, retryMs: 200 };

async function way(identity: string, user?: object): Promise<Way> {
  const warned: string[] = [];
  const result: Way = {
    spoil: () => false,
    log: { warned, info: () => undefined, warn: (_fields, message) => warned.push(message) },
    acquire: async (signal = new AbortController().signal, timing = TIMING) => {
      const held = await acquireLease(
        { connection, namespace: "n", name: "l", identity, log: result.log, ...timing },
        signal,
      );
      if (held !== undefined) cleanups.push(() => held.release());
      return held;
    },
  };
  const api = await startLoopbackApi((_url, request, response) => {
    if (!result.spoil(request, response)) serve(request, response).catch(() => response.destroy());
  }, user);
  const connection = connect({ kubeconfig: api.kubeconfig, timeoutMs: 5000 });
  cleanups.push(
    () => api.close(),
    () => connection.close(),
  );
  return result;
}

const hang = (): boolean => true;
const lossOf = (held: HeldLease | undefined): Promise<number> =>
  new Promise((resolve) => {
    held?.lost.addEventListener("abort", () => {
      resolve(performance.now());
    });
  });

it.each([
  ["hangs", () => hang],
  [
    "answers ever more slowly",
    () => {
      let delay = 300;
      return (request: IncomingMessage, response: ServerResponse) => {
        setTimeout(() => void serve(request, response).catch(() => response.destroy()), (delay *= 2));
        return true;
      };
    },
  ],
  [
    "hangs within the body",
    () => (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200).write("{");
      return true;
    },
  ],
])("when its API server %s, the holder has stopped before another one takes the lease", async (_what, spoiled) => {
  const [first, second] = [await way("first"), await way("second")];
  const held = await first.acquire();
  const lostAt = lossOf(held);
  const taken = second.acquire().then(() => performance.now());
  await eventually(
    () => version,
    (count) => count >= 4,
    "some renewals",
  );
  first.spoil = spoiled();
  const sinceRenewal = held?.sinceRenewalMs() ?? 0;
  const spoiledAt = performance.now();
  expect((await lostAt) - spoiledAt + sinceRenewal).toBeLessThan(TIMING.durationMs - TIMING.retryMs);
  expect(held?.isHeld()).toBe(false);
  expect(await taken).toBeGreaterThan((await lostAt) + 200);
});

it("when reading its credentials hangs, the holder stops in time too", async () => {
  const dir = mkdtempSync(join(tmpdir(), "plugin-"));
  cleanups.push(() => {
    rmSync(dir, { recursive: true });
  });
  const hanging = join(dir, "hanging");
  const credential = JSON.stringify({ status: { token: "t" } });
  const script = `if [ -e ${hanging} ]; then exec sleep 3; fi; echo '${credential}'`;
  const user = { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "/bin/sh", args: ["-c", script] } };
  const first = await way("first", user);
  const held = await first.acquire();
  const lostAt = lossOf(held);
  writeFileSync(hanging, "");
  first.spoil = (_request, response) => {
    json(response, {}, 401);
    return true;
  };
  const startedAt = performance.now();
  expect((await lostAt) - startedAt).toBeLessThan(TIMING.durationMs - TIMING.retryMs);
  expect(existsSync(hanging)).toBe(true);
});

it.each([
  ["is cut off", (response: ServerResponse) => cutOff(response, '{"metadata":{"resou')],
  ["is no Lease", (response: ServerResponse) => json(response, { kind: "Status" })],
  ["is not JSON", (response: ServerResponse) => void response.end("<html>")],
  ["is a 500", (response: ServerResponse) => json(response, {}, 500)],
])("an answer that %s is a try that failed, also while the lease is waited for", async (_what, answer) => {
  const first = await way("first");
  let spoiled = 0;
  const spoilTwo = (_request: IncomingMessage, response: ServerResponse): boolean => {
    if (++spoiled > 2) return false;
    answer(response);
    return true;
  };
  first.spoil = spoilTwo;
  const held = await first.acquire();
  expect(first.log.warned).not.toEqual([]);
  [spoiled, first.spoil] = [0, spoilTwo];
  const renewedAt = version;
  await eventually(
    () => version,
    (count) => spoiled > 2 && count > renewedAt + 1,
    "a renewal after it",
  );
  expect(held?.lost.aborted).toBe(false);
});

it("a renewal that was carried out though nobody heard of it does not look like somebody else's", async () => {
  const first = await way("first");
  const held = await first.acquire();
  let swallowed = 0;
  first.spoil = (request, response) => {
    if (request.method !== "PUT" || swallowed > 0) return false;
    swallowed += 1;
    const silent = { writeHead: () => ({ end: () => response.socket?.destroy() }) };
    void serve(request, silent as unknown as ServerResponse);
    return true;
  };
  await eventually(
    () => swallowed,
    (count) => count === 1,
    "the answer that was swallowed",
  );
  const renewedAt = version;
  await eventually(
    () => version,
    (count) => count > renewedAt + 2,
    "renewals after it",
  );
  expect(held?.lost.aborted).toBe(false);
});

it("somebody else's name in the lease is a loss at once", async () => {
  const first = await way("first");
  const held = await first.acquire();
  const lostAt = lossOf(held);
  if (lease !== undefined)
    lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: "77" }, spec: { holderIdentity: "thief" } };
  const startedAt = performance.now();
  expect((await lostAt) - startedAt).toBeLessThan(TIMING.renewDeadlineMs - 300);
});

it("a Lease that somebody deletes is made again by its holder, and nobody else takes it meanwhile", async () => {
  const [first, second] = [await way("first"), await way("second")];
  const held = await first.acquire();
  const stop = new AbortController();
  const taken = second.acquire(stop.signal);
  await eventually(
    () => version,
    (count) => count >= 4,
    "some renewals",
  );
  first.spoil = (_request, response) => {
    json(response, {}, 503);
    return true;
  };
  lease = undefined;
  // Long enough for several tries of the second one.
  const deletedAt = performance.now();
  await eventually(
    () => performance.now() - deletedAt,
    (ms) => ms > 3 * TIMING.retryMs,
    "time to pass",
  );
  first.spoil = () => false;
  await eventually(
    () => lease?.spec?.holderIdentity,
    (holder) => holder === "first",
    "the holder's Lease",
  );
  expect(held?.lost.aborted).toBe(false);
  stop.abort();
  expect(await taken).toBeUndefined();
});

it("what others wrote on the Lease stays", async () => {
  const first = await way("first");
  const metadata = { name: "l", namespace: "n", uid: "u", resourceVersion: "0", labels: { team: "a" } };
  lease = { metadata };
  await first.acquire();
  expect(lease.metadata.labels).toEqual({ team: "a" });
});

it("giving the lease away does not wait for an API server that hangs", async () => {
  const first = await way("first");
  const held = await first.acquire(undefined, { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 100 });
  let hanging = 0;
  first.spoil = () => {
    hanging += 1;
    return true;
  };
  await eventually(
    () => hanging,
    (count) => count > 0,
    "a renewal that hangs",
  );
  const startedAt = performance.now();
  await held?.release();
  expect(performance.now() - startedAt).toBeLessThan(4000);
  expect(held?.lost.aborted).toBe(false);
});

it("giving up while the API server hangs is at once", async () => {
  const first = await way("first");
  first.spoil = hang;
  const stop = new AbortController();
  const acquiring = first.acquire(stop.signal);
  const startedAt = performance.now();
  stop.abort();
  expect(await acquiring).toBeUndefined();
  expect(performance.now() - startedAt).toBeLessThan(1000);
});

it("giving up while the lease is being taken leaves it to others", async () => {
  const first = await way("first");
  const stop = new AbortController();
  first.spoil = (request) => {
    if (request.method === "GET" || stop.signal.aborted) return false;
    const silent = { writeHead: () => ({ end: () => undefined }) };
    void serve(request, silent as unknown as ServerResponse).then(() => {
      stop.abort();
    });
    return true;
  };
  expect(await first.acquire(stop.signal)).toBeUndefined();
  expect(lease).toBeDefined();
  expect(lease?.spec?.holderIdentity ?? "").toBe("");
});
