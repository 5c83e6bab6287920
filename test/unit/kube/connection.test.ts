import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { type Connection, connect } from "../../../src/kube/connection.ts";
import { type Answer, cutOff, json, type LoopbackApi, startLoopbackApi } from "../../fakes/loopback-api.ts";

let api: LoopbackApi | undefined;
let connection: Connection | undefined;
afterEach(async () => {
  await connection?.close();
  await api?.close();
  [connection, api] = [undefined, undefined];
});

async function start(answer: Answer, user?: object): Promise<Connection> {
  api = await startLoopbackApi(answer, user);
  connection = connect({ kubeconfig: api.kubeconfig, timeoutMs: 5000 });
  return connection;
}
const get = { method: "GET", path: "/x" } as const;
const failureOf = async (attempt: Promise<unknown>) =>
  (await attempt.then(
    () => undefined,
    (error: unknown) => error,
  )) as Error & { readonly code: unknown; readonly reason: unknown };

it("once its lease is lost a process writes nothing more, but to its leases", async () => {
  let isHeld = true;
  api = await startLoopbackApi((_url, _request, response) => {
    json(response, {});
  });
  connection = connect({ kubeconfig: api.kubeconfig, timeoutMs: 5000, mayWrite: () => isHeld });
  const write = { method: "PUT", path: "/x", body: {} } as const;
  await connection.request(write);
  isHeld = false;
  expect(await failureOf(connection.request(write))).toMatchObject({ code: 0, reason: "NotHeld" });
  await connection.request(get);
  await connection.request({ ...write, lane: "lease" });
  expect(api.requests.map(({ method }) => method)).toEqual(["PUT", "GET", "PUT"]);
});

it.each([
  ["is cut off", (response: ServerResponse) => cutOff(response, '{"metadata":{"resou')],
  ["is not JSON", (response: ServerResponse) => void response.writeHead(200).end("<html>maintenance</html>")],
  ["is empty", (response: ServerResponse) => void response.writeHead(200).end()],
  ["is no object", (response: ServerResponse) => json(response, null)],
  ["is a list of JSON", (response: ServerResponse) => json(response, [1])],
])("an answer whose body %s is a KubeError without a code", async (_what, answer) => {
  const started = await start((_url, _request, response) => {
    answer(response);
  });
  const error = await failureOf(started.request(get));
  expect(error).toMatchObject({ name: "KubeError", code: 0, reason: "UnreadableAnswer" });
  expect(error.message).toContain("GET /x");
});

it("a refusal whose body is cut off keeps its code", async () => {
  const started = await start((_url, _request, response) => {
    cutOff(response, '{"reason":"Forb', 403);
  });
  expect(await failureOf(started.request(get))).toMatchObject({ name: "KubeError", code: 403 });
});

it.each(["request", "open"] as const)("%s: a token file that is missing is a KubeError", async (how) => {
  const started = await start(
    (_url, _request, response) => {
      json(response, {});
    },
    { "auth-provider": { name: "file", config: { tokenFile: "/nowhere/token" } } },
  );
  expect(await failureOf(started[how](get))).toMatchObject({ name: "KubeError", code: 0, reason: "NoCredentials" });
});

const plugin = (script: string): object => ({
  exec: { apiVersion: "client.authentication.k8s.io/v1", command: "/bin/sh", args: ["-c", script] },
});
const ok: Answer = (_url, _request, response) => {
  json(response, { fine: true });
};

it.each([
  ["fails", "echo hidden-word >&2; exit 1"],
  ["says something that is not JSON", "echo hidden-word"],
  ["says nothing of a status", 'echo \'{"kind":"hidden-word"}\''],
])("a credential plugin that %s is a KubeError that does not tell what it said", async (_what, script) => {
  const started = await start(ok, plugin(script));
  const error = await failureOf(started.request(get));
  expect(error).toMatchObject({ name: "KubeError", code: 0, reason: "NoCredentials" });
  expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain("hidden-word");
});

it("a credential plugin that hangs does not hold up longer than the request may take", async () => {
  const started = await start(ok, plugin("sleep 4"));
  const startedAt = performance.now();
  expect(await failureOf(started.request({ ...get, timeoutMs: 200 }))).toMatchObject({ name: "KubeError", code: 0 });
  expect(performance.now() - startedAt).toBeLessThan(2000);
});

it("credentials that the API server refuses are read again for the next request", async () => {
  const dir = mkdtempSync(join(tmpdir(), "plugin-"));
  const second = join(dir, "second");
  const credential = (token: string) => JSON.stringify({ status: { token } });
  const script = `if [ -e ${second} ]; then echo '${credential("new")}'; else echo '${credential("old")}'; fi`;
  const started = await start((_url, { headers }, response) => {
    if (headers.authorization === "Bearer new") json(response, { fine: true });
    else json(response, {}, 401);
  }, plugin(script));
  expect(await failureOf(started.request(get))).toMatchObject({ code: 401 });
  expect(existsSync(second)).toBe(false);
  writeFileSync(second, "");
  expect(await started.request(get)).toEqual({ fine: true });
  rmSync(dir, { recursive: true });
});

it("as many watches as are asked for are open at once, and requests still go through", async () => {
  const started = await start((url, _request, response) => {
    if (url.searchParams.has("watch")) response.writeHead(200).write('{"type":"BOOKMARK"}\n');
    else json(response, { fine: true });
  });
  const open = Array.from({ length: 120 }, (_, index) =>
    started.open({ method: "GET", path: `/w${String(index)}`, query: { watch: "true" }, lane: "watches" }),
  );
  expect(await Promise.all(open)).toHaveLength(120);
  expect(await started.request(get)).toEqual({ fine: true });
});

it("a kubeconfig that cannot be read is said by its path", () => {
  expect(() => connect({ kubeconfig: "/nowhere/kubeconfig", timeoutMs: 1 })).toThrow(/\/nowhere\/kubeconfig/);
});

it("a request that is aborted is a KubeError", async () => {
  const started = await start(() => undefined);
  const abort = new AbortController();
  const failed = failureOf(started.request({ ...get, signal: abort.signal }));
  abort.abort();
  expect(await failed).toMatchObject({ name: "KubeError", code: 0 });
});

it("an answer that never ends is given up when the time of the request is over", async () => {
  const started = await start((_url, _request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).write('{"metadata":');
    const drip = setInterval(() => response.write(" "), 20);
    response.once("close", () => {
      clearInterval(drip);
    });
  });
  const error = await failureOf(started.request({ ...get, timeoutMs: 300 }));
  expect(error).toMatchObject({ name: "KubeError", code: 0, reason: "UnreadableAnswer" });
});

it("a request that waits longer for a connection than it may take is never sent", async () => {
  const held: ServerResponse[] = [];
  const started = await start((_url, _request, response) => {
    if (held.length < 32) held.push(response);
    else json(response, { fine: true });
  });
  const first = Array.from({ length: 32 }, () => started.request(get));
  expect(await failureOf(started.request({ ...get, path: "/late", timeoutMs: 100 }))).toMatchObject({ code: 0 });
  await vi.waitUntil(() => held.length === 32);
  for (const response of held) json(response, { fine: true });
  await Promise.all(first);
  expect(await started.request({ ...get, path: "/after" })).toEqual({ fine: true });
  expect(api?.requests.map(({ url }) => url.pathname).slice(32)).toEqual(["/after"]);
});

it("repetitions after 429 end with the time of the request", async () => {
  const started = await start((_url, _request, response) => {
    json(response, { reason: "TooManyRequests" }, 429, { "retry-after": "1" });
  });
  const error = await failureOf(started.request({ ...get, timeoutMs: 300 }));
  expect(error).toMatchObject({ name: "KubeError", code: 429 });
  expect(api?.requests).toHaveLength(1);
});
