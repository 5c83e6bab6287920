import { createServer, type Server } from "node:https";
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server as TcpServer,
  type Socket,
} from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mintCertificate } from "../../../sandbox/certificates.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { createGovernor } from "../../../src/tenant/governor.ts";
import { createTransport, type TransportOptions } from "../../../src/transport/transport.ts";

const clock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  random: () => 0,
};

const MAX_BYTES = 65_536;
/** A thousand times as large once it is unpacked. */
const as = (encoding: string, body: Buffer | string): Answer => ({
  ...{ status: 200, headers: { "content-encoding": encoding }, body },
});
const PACKED: Readonly<Record<string, Buffer>> = {
  gzip: gzipSync("plain text"),
  deflate: deflateSync("plain text"),
  br: brotliCompressSync("plain text"),
};
const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 120));
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}
const ANSWERS: Readonly<Record<string, Answer>> = {
  "/redirect": { status: 302, headers: { location: "https://localhost/elsewhere" }, body: "" },
  "/bomb": as("gzip", bomb),
  "/half-packed": as("gzip", gzipSync("some text").subarray(0, 12)),
  "/as/zstd": as("zstd", "packed"),
  ...Object.fromEntries(Object.entries(PACKED).map(([encoding, body]) => [`/as/${encoding}`, as(encoding, body)])),
  "/large-refusal": { status: 403, headers: {}, body: Buffer.alloc(MAX_BYTES + 1, 91) },
  "/limited": { status: 429, headers: { "x-ratelimit-reset": "7" }, body: "" },
  "/limited-silently": { status: 429, headers: {}, body: "" },
};

/** Bodies of answers by path. */
const BODIES: Readonly<Record<string, string | Buffer>> = {
  "/huge": Buffer.alloc(MAX_BYTES + 1, 120),
  "/largest": Buffer.alloc(MAX_BYTES, 120),
  "/deep": "[".repeat(65),
  "/deep-object": '{"a":'.repeat(65),
  "/many": `[${"1,".repeat(MAX_BYTES / 8)}1]`,
  "/texts": JSON.stringify([`${"[{,".repeat(1000)}"\\`, "\\[".repeat(100)]),
};

let server: Server;
/** Hands on what passes between client and server, until somebody requests `/garbled`. */
let line: TcpServer;
let garble: () => void = () => undefined;
const sockets: Socket[] = [];
/** Answers in plain text, whatever it is asked. */
let plain: TcpServer;
let port: number;
let caPem: string;
let closedPort: number;
beforeAll(async () => {
  const closing = createServer();
  await new Promise<void>((resolve) => closing.listen(0, "127.0.0.1", resolve));
  closedPort = (closing.address() as AddressInfo).port;
  await new Promise((resolve) => closing.close(resolve));
  const certificate = await mintCertificate(["localhost"]);
  ({ caPem } = certificate);
  server = createServer({ key: certificate.keyPem, cert: certificate.certificatePem }, (request, response) => {
    const { url: path = "" } = request;
    const answer = ANSWERS[path];
    if (answer !== undefined) response.writeHead(answer.status, answer.headers).end(answer.body);
    else if (path === "/cut") request.socket.destroy();
    else if (path === "/garbled") garble();
    else if (path !== "/never") response.end(BODIES[path] ?? "fine");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
  line = createTcpServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) sockets.push(socket.on("error", () => undefined));
    client.pipe(upstream).pipe(client);
    // A record of application data that nobody encrypted.
    garble = () => client.write(Buffer.concat([Buffer.from([0x17, 0x03, 0x03, 0x00, 0x40]), Buffer.alloc(0x40, 7)]));
  });
  plain = createTcpServer((client) => {
    sockets.push(client.on("error", () => undefined));
    client.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  for (const other of [line, plain]) await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  for (const socket of sockets) socket.destroy();
  await Promise.all([server, line, plain].map((other) => new Promise((resolve) => other.close(resolve))));
});

const portOf = (other: TcpServer): string => `localhost:${String((other.address() as AddressInfo).port)}`;

const fetchWith = (options: Partial<TransportOptions> = {}) =>
  createTransport({
    allowedHosts: [`localhost:${String(port)}`, `127.0.0.1:${String(port)}`],
    allowPrivateAddresses: true,
    caBundle: caPem,
    governor: createGovernor(clock, [], 100),
    bucketsOf: () => [],
    clock,
    timeoutMs: 10_000,
    maxBytes: MAX_BYTES,
    ...options,
  }).fetch;
const url = (path: string, host = "localhost"): string => `https://${host}:${String(port)}${path}`;

describe("the transport", () => {
  it("reads an answer that is as large as may be, and takes no text for structure", async () => {
    expect(await (await fetchWith()(url("/largest"))).text()).toHaveLength(MAX_BYTES);
    expect(await (await fetchWith()(url("/texts"))).json()).toHaveLength(2);
  });

  it("knows the status of a refusal, however large it is", async () => {
    const answer = await fetchWith()(url("/large-refusal"));
    expect([answer.status, await answer.text()]).toEqual([403, ""]);
  });

  it("asks whether it may go in the moment in which the request would be written", async () => {
    let [isHeld, asked] = [true, 0];
    const fetch = fetchWith({
      mayGo: () => {
        asked += 1;
        return isHeld;
      },
    });
    expect(await (await fetch(url("/"))).text()).toBe("fine");
    const other = fetchWith({ mayGo: () => isHeld });
    const [onOpen, onNew] = [fetch(url("/")), other(url("/"))];
    // Neither was written yet: one waits for its turn, the other for its connection.
    isHeld = false;
    for (const refused of await Promise.allSettled([onOpen, onNew]))
      expect(refused).toMatchObject({ status: "rejected", reason: { reason: "aborted", sent: false } });
    expect(asked).toBe(2);
  });

  it("reaches an allowed host", async () => {
    expect(await (await fetchWith()(url("/"))).text()).toBe("fine");
  });

  it.each<[string, () => Promise<unknown>, object]>([
    [
      "a host that is not on the list",
      () => fetchWith({ allowedHosts: ["*.auth0.com"] })(url("/")),
      { reason: "refused_host", sent: false },
    ],
    ["plain http", () => fetchWith()(`http://localhost:${String(port)}/`), { reason: "refused_host", sent: false }],
    [
      "a user name in the URL",
      () => fetchWith()(`https://user@localhost:${String(port)}/`),
      { reason: "refused_host", sent: false },
    ],
    [
      "a name that points to a private address",
      () => fetchWith({ allowPrivateAddresses: false })(url("/")),
      { reason: "refused_host", sent: false },
    ],
    [
      "a private address as it is",
      () => fetchWith({ allowPrivateAddresses: false })(url("/", "127.0.0.1")),
      { reason: "refused_host", sent: false },
    ],
    ["a redirect", () => fetchWith()(url("/redirect")), { reason: "network" }],
    ["an answer with one byte more than is read", () => fetchWith()(url("/huge")), { reason: "too_large", sent: true }],
    ["a small answer that unpacks to 64 MiB", () => fetchWith()(url("/bomb")), { reason: "too_large", sent: true }],
    ["an encoding that nobody asked for", () => fetchWith()(url("/as/zstd")), { reason: "unreadable", sent: true }],
    ["half of a packed answer", () => fetchWith()(url("/half-packed")), { reason: "network", sent: true }],
    ["lists within lists", () => fetchWith()(url("/deep")), { reason: "too_large", sent: true }],
    ["objects within objects", () => fetchWith()(url("/deep-object")), { reason: "too_large", sent: true }],
    ["more values than is read", () => fetchWith()(url("/many")), { reason: "too_large", sent: true }],
    [
      "an answer that never comes",
      () => fetchWith({ timeoutMs: 500 })(url("/never"), { method: "POST" }),
      { reason: "timeout", sent: true },
    ],
    ["a connection that is cut", () => fetchWith()(url("/cut"), { method: "POST" }), { reason: "network", sent: true }],
    [
      "nobody listening",
      () =>
        fetchWith({ allowedHosts: [`localhost:${String(closedPort)}`] })(`https://localhost:${String(closedPort)}/`),
      { reason: "network", sent: false },
    ],
    [
      "an answer that is broken on the way",
      () => fetchWith({ allowedHosts: [portOf(line)] })(`https://${portOf(line)}/garbled`, { method: "POST" }),
      { reason: "network", sent: true },
    ],
    [
      "a server that speaks no TLS",
      () => fetchWith({ allowedHosts: [portOf(plain)] })(`https://${portOf(plain)}/`, { method: "POST" }),
      { reason: "network", sent: false },
    ],
    [
      "a name that does not exist",
      () => fetchWith({ allowedHosts: ["nowhere.invalid"] })("https://nowhere.invalid/", { method: "POST" }),
      { reason: "network", sent: false },
    ],
    [
      "a certificate of somebody else",
      () => fetchWith({ caBundle: "" })(url("/")),
      { reason: "network", sent: false, message: expect.stringContaining("spec.caBundle") as string },
    ],
  ])("refuses %s, and knows whether anything was sent", async (_what, call, expected) => {
    await expect(call()).rejects.toMatchObject({ name: "TransportError", ...expected });
  });
});

it.each(Object.keys(PACKED))("reads an answer that comes as %s", async (encoding) => {
  expect(await (await fetchWith()(url(`/as/${encoding}`))).text()).toBe("plain text");
});

describe("a refusal for too many requests", () => {
  const LIMIT = { name: "all", ratePerSecond: 10, burst: 10, windowMs: 1000 };
  const refused = async (path: string, isPerClientQuota = false) => {
    const governor = createGovernor(clock, [LIMIT], 100);
    const options = { governor, bucketsOf: () => ["all"], isPerClientQuota: () => isPerClientQuota };
    const answer = await fetchWith(options)(url(path));
    const { throttled } = governor.stats();
    return { status: answer.status, retryAfter: answer.headers.get("retry-after"), throttled };
  };

  it("says for how long the governor waits, however the vendor told it", async () => {
    expect(await refused("/limited")).toEqual({ status: 429, retryAfter: "7", throttled: 1 });
  });

  it("says it also when the vendor told nothing", async () => {
    expect(await refused("/limited-silently")).toEqual({ status: 429, retryAfter: "2", throttled: 1 });
  });

  it("of one client's quota leaves the tenant's limit alone", async () => {
    expect(await refused("/limited", true)).toEqual({ status: 429, retryAfter: "7", throttled: 0 });
  });
});
