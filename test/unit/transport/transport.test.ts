import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mintCertificate } from "../../../sandbox/certificates.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { createGovernor } from "../../../src/tenant/governor.ts";
import { createTransport, type TransportOptions } from "../../../src/transport/transport.ts";

const clock: Clock = {
  now: () => new Date(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  random: () => 0,
};

let server: Server;
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
    if (request.url === "/redirect") response.writeHead(302, { location: "https://localhost/elsewhere" }).end();
    else if (request.url === "/huge") response.end(Buffer.alloc(17 * 1024 * 1024, 120));
    else if (request.url === "/cut") request.socket.destroy();
    else if (request.url !== "/never") response.end("fine");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const fetchWith = (options: Partial<TransportOptions> = {}) =>
  createTransport({
    allowedHosts: [`localhost:${String(port)}`, `127.0.0.1:${String(port)}`],
    allowPrivateAddresses: true,
    caBundle: caPem,
    governor: createGovernor(clock, [], 100),
    bucketsOf: () => [],
    clock,
    timeoutMs: 10_000,
    ...options,
  }).fetch;
const url = (path: string, host = "localhost"): string => `https://${host}:${String(port)}${path}`;

describe("the transport", () => {
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
    ["an answer of 17 MiB", () => fetchWith({ timeoutMs: 10_000 })(url("/huge")), { reason: "too_large", sent: true }],
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
      "a certificate of somebody else",
      () => fetchWith({ caBundle: "" })(url("/")),
      { reason: "network", sent: false, message: expect.stringContaining("spec.caBundle") as string },
    ],
  ])("refuses %s, and knows whether anything was sent", async (_what, call, expected) => {
    await expect(call()).rejects.toMatchObject({ name: "TransportError", ...expected });
  });
});
