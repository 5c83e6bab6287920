import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";

export interface Health {
  /** Why the process should be restarted; `undefined` when it is well. Never depends on other systems. */
  unhealthy(): string | undefined;
  /** Why it cannot serve yet; `undefined` when it can. */
  unready(): string | undefined;
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** /metrics, /healthz and /readyz. */
export async function serveHttp(address: string, registry: Registry, health: Health): Promise<HttpServer> {
  const server = createServer((request, response) => {
    void respond(request.url ?? "/", response, registry, health);
  });
  const at = address.lastIndexOf(":");
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(address.slice(at + 1)), address.slice(0, at) || undefined, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) };
}

async function respond(url: string, response: ServerResponse, registry: Registry, health: Health): Promise<void> {
  const say = (status: number, text: string): void => {
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
  };
  const judge = (problem: string | undefined): void => {
    say(problem === undefined ? 200 : 503, problem ?? "ok");
  };
  switch (url.replace(/\?.*$/, "")) {
    case "/metrics":
      response.writeHead(200, { "content-type": registry.contentType }).end(await registry.metrics());
      return;
    case "/healthz":
      judge(health.unhealthy());
      return;
    case "/readyz":
      judge(health.unready());
      return;
    default:
      say(404, "not found");
  }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
