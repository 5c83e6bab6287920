import { connect, isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { Gauge, Registry } from "prom-client";
import { afterEach, expect, it } from "vitest";
import { type Health, type HttpServer, serveHttp } from "../../../src/telemetry/http.ts";
import { parseListenAddress } from "../../../src/telemetry/listen-address.ts";

let server: HttpServer | undefined;
let problems: unknown[] = [];
afterEach(async () => {
  await server?.close();
  [server, problems] = [undefined, []];
});

const WELL: Health = { unhealthy: () => undefined, unready: () => undefined };

async function serve(text: string, registry = new Registry(), health = WELL): Promise<HttpServer> {
  const address = parseListenAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  server = await serveHttp(address, registry, health, (error) => problems.push(error));
  return server;
}
const statusAt = async (host: string, path = "/healthz"): Promise<number> => {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return (await fetch(`http://${name}:${String(server?.port)}${path}`)).status;
};
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ family }) => family === "IPv6"),
);

it("the default answers over every family of addresses that the host has", async () => {
  await serve(":0");
  expect(await statusAt("127.0.0.1")).toBe(200);
  if (hasIpv6) expect(await statusAt("::1")).toBe(200);
});

it.each(hasIpv6 ? ["127.0.0.1", "0.0.0.0", "::1", "::"] : ["127.0.0.1", "0.0.0.0"])("answers at %s", async (host) => {
  await serve(isIP(host) === 6 ? `[${host}]:0` : `${host}:0`);
  expect(await statusAt(host.includes(":") ? "::1" : "127.0.0.1")).toBe(200);
});

it("a metric that cannot be collected is an error of that one answer", async () => {
  const registry = new Registry();
  const broken = (): void => {
    throw new Error("not now");
  };
  new Gauge({ name: "broken", help: "Never to be had.", registers: [registry], collect: broken });
  await serve("127.0.0.1:0", registry);
  expect(await statusAt("127.0.0.1", "/metrics")).toBe(500);
  expect(problems).toHaveLength(1);
  expect(await statusAt("127.0.0.1")).toBe(200);
});

it("health that cannot be judged is not well", async () => {
  const unhealthy = (): never => {
    throw new Error("not now");
  };
  await serve("127.0.0.1:0", new Registry(), { ...WELL, unhealthy });
  expect(await statusAt("127.0.0.1")).toBe(500);
});

it("a reader that goes away before it was answered harms nobody", async () => {
  const registry = new Registry();
  let isAsked: (() => void) | undefined;
  const asked = new Promise<void>((resolve) => (isAsked = resolve));
  let finish: (() => void) | undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const collect = async (): Promise<void> => {
    isAsked?.();
    await finished;
  };
  new Gauge({ name: "slow", help: "Takes its time.", registers: [registry], collect });
  const { port } = await serve("127.0.0.1:0", registry);
  const socket = connect(port, "127.0.0.1", () => socket.write("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n"));
  await asked;
  socket.destroy();
  finish?.();
  expect(await statusAt("127.0.0.1")).toBe(200);
});

it("an address that is taken or not this host's is refused with what is wrong", async () => {
  const { port } = await serve("127.0.0.1:0");
  const again = serveHttp({ host: "127.0.0.1", port }, new Registry(), WELL, () => undefined);
  await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
  const foreign = serveHttp({ host: "192.0.2.1", port: 0 }, new Registry(), WELL, () => undefined);
  await expect(foreign).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
});
