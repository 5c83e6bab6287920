import type { ServerResponse } from "node:http";
import { afterEach, expect, it } from "vitest";
import { type Connection, connect } from "../../../src/kube/connection.ts";
import { runReflector, type ReflectorOptions } from "../../../src/kube/reflector.ts";
import { createStore, type KubeObject, type Store } from "../../../src/kube/store.ts";
import { type Answer, json, type LoopbackApi, startLoopbackApi } from "../../fakes/loopback-api.ts";
import { eventually } from "../../integration/cluster.ts";

let api: LoopbackApi;
let connection: Connection;
let stop: AbortController;
let store: Store<KubeObject>;
let told: string[];
let running: Promise<void>;
afterEach(async () => {
  stop.abort();
  await running;
  await connection.close();
  await api.close();
});

async function reflect(answer: Answer, options: Partial<ReflectorOptions<KubeObject>> = {}): Promise<void> {
  api = await startLoopbackApi(answer);
  connection = connect({ kubeconfig: api.kubeconfig, timeoutMs: 5000 });
  stop = new AbortController();
  store = createStore<KubeObject>({}, () => undefined);
  told = [];
  store.onChange((before, after) => told.push(`${uidOf(before)} -> ${uidOf(after)}`));
  const log = { warn: () => undefined, debug: () => undefined };
  running = runReflector({ connection, path: "/x", store, random: () => 0, log, ...options }, stop.signal);
}

const uidOf = (object: KubeObject | undefined): string => object?.metadata.uid ?? "-";
const object = (uid: string, version: number, name = "one") => ({
  metadata: { name, namespace: "a", uid, resourceVersion: String(version) },
});
const line = (type: string, what: object): string => `${JSON.stringify({ type, object: what })}\n`;
const isWatch = (url: URL): boolean => url.searchParams.has("watch");
const list = (response: ServerResponse, version: number, ...items: object[]): void => {
  json(response, { metadata: { resourceVersion: String(version) }, items });
};
const begin = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { "content-type": "application/json" });
const watches = () => api.requests.filter(({ url }) => isWatch(url));
const lists = () => api.requests.filter(({ url }) => !isWatch(url));
const froms = () => watches().map(({ url }) => url.searchParams.get("resourceVersion"));
const atLeast = async (count: number, seen: () => readonly unknown[]): Promise<void> => {
  await eventually(
    () => seen().length,
    (length) => length >= count,
    `${String(count)} requests`,
  );
};
const gapsOf = (requests: readonly { readonly at: number }[]): number[] =>
  requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));

/** A collection whose server replays every event after the version that is requested. */
const replaying =
  (events: readonly (readonly [version: number, line: string])[], end: (response: ServerResponse) => void): Answer =>
  (url, _request, response) => {
    if (!isWatch(url)) {
      list(response, 100, object("old", 90));
      return;
    }
    begin(response).flushHeaders();
    const from = Number(url.searchParams.get("resourceVersion"));
    for (const [version, text] of events) if (version > from) response.write(text);
    end(response);
  };
const REPLACED = [
  [101, line("MODIFIED", object("old", 101))],
  [102, line("DELETED", object("old", 102))],
  [103, line("ADDED", object("new", 103))],
] as const;
const reset = (response: ServerResponse): void => {
  setTimeout(() => response.socket?.destroy(), 50);
};

it.each([
  ["is reset", reset, {}],
  ["is silent for too long", () => undefined, { silenceMs: 100 }],
  ["ends within a line", (response: ServerResponse) => void response.end('{"type":"ADD'), {}],
  ["says something that is not JSON", (response: ServerResponse) => void response.end("<html>\n"), {}],
  ["says something without metadata", (response: ServerResponse) => void response.end(line("ADDED", {})), {}],
])("a watch that %s goes on from the newest version it saw, and replays nothing", async (_what, end, options) => {
  await reflect(replaying(REPLACED, end), options);
  await atLeast(2, watches);
  expect(froms()).toEqual(["100", "103"]);
  expect(lists()).toHaveLength(1);
  expect(told).toEqual(["- -> old", "old -> old", "old -> -", "- -> new"]);
});

it("content that cannot be read, again and again at one place, is passed over by a listing", async () => {
  await reflect((url, _request, response) => {
    if (!isWatch(url)) list(response, 100 + lists().length, object("u", 100 + lists().length));
    else if (watches().length === 1) begin(response).end("<html>\n");
    else begin(response).flushHeaders();
  });
  await atLeast(2, watches);
  expect(lists()).toHaveLength(2);
  expect(store.get("a", "one")?.metadata.resourceVersion).toBe("102");
});

it("a bookmark moves on where the watch goes on from", async () => {
  await reflect(replaying([[250, line("BOOKMARK", object("none", 250))]], reset));
  await atLeast(2, watches);
  expect(froms()[1]).toBe("250");
});

const expired = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };
it.each([
  ["as an answer", (response: ServerResponse) => json(response, expired, 410)],
  ["within the stream", (response: ServerResponse) => void begin(response).end(line("ERROR", expired))],
])("an expiry that is repeated %s is listed anew after pauses that grow", async (_how, answer) => {
  await reflect((url, _request, response) => {
    if (isWatch(url)) answer(response);
    else list(response, 100);
  });
  await atLeast(4, lists);
  const [first = 0, second = 0, third = 0] = gapsOf(lists());
  expect(first).toBeGreaterThan(200);
  expect(second).toBeGreaterThan(first * 1.4);
  expect(third).toBeGreaterThan(second * 1.4);
});

it("a watch that ends at once, again and again, is not asked for in a hot loop", async () => {
  await reflect((url, _request, response) => {
    if (isWatch(url)) begin(response).end(line("BOOKMARK", object("none", 101)));
    else list(response, 100);
  });
  await atLeast(4, watches);
  const gaps = gapsOf(watches());
  expect(Math.min(...gaps)).toBeGreaterThan(200);
  expect(gaps[2]).toBeGreaterThan((gaps[0] ?? 0) * 2);
});

it("a watch that nobody answered goes on soon after anybody is answered again, and not before", async () => {
  let isAway = true;
  await reflect(
    (url, _request, response) => {
      if (isAway) response.socket?.destroy();
      else if (url.pathname === "/y") json(response, {});
      else if (isWatch(url)) begin(response).flushHeaders();
      else list(response, 100);
    },
    { random: () => 0.5 },
  );
  await atLeast(3, lists);
  // The next pause is twice as long as the last one.
  const [first = 0, second = 0] = gapsOf(lists());
  expect(second).toBeGreaterThan(first * 1.4);
  isAway = false;
  const backAt = performance.now();
  await connection.request({ method: "GET", path: "/y" });
  await atLeast(1, watches);
  expect(performance.now() - backAt).toBeLessThan(second * 1.8);
});

it("an error within the stream pauses as long as the server asks", async () => {
  const busy = { kind: "Status", code: 429, reason: "TooManyRequests", details: { retryAfterSeconds: 2 } };
  await reflect((url, _request, response) => {
    if (isWatch(url)) begin(response).end(line("ERROR", busy));
    else list(response, 100);
  });
  await atLeast(2, watches);
  expect(gapsOf(watches())[0]).toBeGreaterThan(1900);
  expect(lists()).toHaveLength(1);
});

it("a watch that is refused as throttled pauses as long as the server asks", async () => {
  await reflect((url, _request, response) => {
    if (isWatch(url)) json(response, {}, 429, { "retry-after": "2" });
    else list(response, 100);
  });
  await atLeast(2, watches);
  expect(gapsOf(watches())[0]).toBeGreaterThan(1900);
});

it("a version that the server has not reached, as after a restored database, is listed anew and believed", async () => {
  let version = 200;
  await reflect((url, _request, response) => {
    if (!isWatch(url)) list(response, version, object("restored", version - 50));
    else if (Number(url.searchParams.get("resourceVersion")) > 150) {
      version = 150;
      json(response, { reason: "Timeout", message: "Too large resource version" }, 504);
    } else begin(response).flushHeaders();
  });
  await eventually(
    () => store.get("a", "one")?.metadata.resourceVersion,
    (known) => known === "100",
    "the restored object",
  );
});

it("a continuation that expired is followed by one listing of everything", async () => {
  await reflect((url, _request, response) => {
    if (isWatch(url)) begin(response).flushHeaders();
    else if (url.searchParams.has("continue")) json(response, expired, 410);
    else if (url.searchParams.has("limit"))
      json(response, { metadata: { resourceVersion: "100", continue: "next" }, items: [object("a", 1, "a")] });
    else list(response, 101, object("a", 1, "a"), object("b", 2, "b"));
  });
  await atLeast(1, watches);
  expect(lists()).toHaveLength(3);
  expect(store.list()).toHaveLength(2);
  expect(froms()).toEqual(["101"]);
});

it.each([
  ["no list", {}],
  ["an item without metadata", { metadata: { resourceVersion: "300" }, items: [{}] }],
  ["no items", { metadata: { resourceVersion: "300" } }],
  ["items that are none", { metadata: { resourceVersion: "300" }, items: "many" }],
])("an answer with %s does not empty the store", async (_what, answer) => {
  await reflect((url, _request, response) => {
    if (isWatch(url)) json(response, expired, 410);
    else if (api.requests.length === 1) list(response, 100, object("kept", 90));
    else json(response, answer);
  });
  await atLeast(3, () => api.requests);
  expect(store.list().map(uidOf)).toEqual(["kept"]);
});

it("a single object is read when its watch is open, so that its end is not missed in between", async () => {
  let isThere = true;
  const answer: Answer = (url, _request, response) => {
    if (url.pathname === "/watch/x/one") {
      // Deleted after the watch was requested: it tells nothing of it.
      isThere = watches().length === 1;
      begin(response).flushHeaders();
      reset(response);
    } else if (isThere) json(response, object("u", 5));
    else json(response, {}, 404);
  };
  await reflect(answer, { path: "/x/one", watchPath: "/watch/x/one" });
  await eventually(
    () => store.get("a", "one"),
    (known) => known !== undefined,
    "the object",
  );
  await eventually(
    () => store.get("a", "one"),
    (known) => known === undefined,
    "the object gone",
  );
});

it("says when it connects, when its watch is open, and when it has ended", async () => {
  const states: string[] = [];
  await reflect(
    (url, _request, response) => {
      if (!isWatch(url)) list(response, 100);
      else {
        begin(response).flushHeaders();
        if (watches().length === 1) reset(response);
      }
    },
    { onState: (state) => states.push(state) },
  );
  await eventually(
    () => states.length,
    (count) => count === 4,
    "the second watch",
  );
  stop.abort();
  await running;
  expect(states).toEqual(["connecting", "open", "connecting", "open", "ended"]);
});
