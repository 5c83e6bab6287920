import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import type { ListenAddress } from "./listen-address.ts";
import type { MetricsRefusal } from "./metrics-access.ts";

export interface Health {
  /** Why the process should be restarted; `undefined` when it is well. Never depends on other systems. */
  unhealthy(): string | undefined;
  /** Why it cannot serve yet; `undefined` when it can. */
  unready(): string | undefined;
}

/** Whether the sender of this `Authorization` header may read /metrics. */
export type MetricsAccess = (authorization: string | undefined) => Promise<MetricsRefusal>;

/** Everybody who can reach the server. */
export const ANYBODY: MetricsAccess = () => Promise.resolve(undefined);

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * /metrics, /healthz and /readyz. Rejects with the system's error when the address cannot be listened at. What goes
 * wrong afterwards goes to `onError` and harms no other answer. Probes are answered for everybody, /metrics for those
 * whom `access` lets read it.
 */
export async function serveHttp(
  { host, port }: ListenAddress,
  registry: Registry,
  health: Health,
  onError: (error: unknown) => void,
  access: MetricsAccess = ANYBODY,
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const { url = "/", headers } = request;
    answerTo(url, registry, health, () => access(headers.authorization))
      .catch((error: unknown) => {
        onError(error);
        return text(500, "failed");
      })
      .then((answer) => {
        send(response, answer);
      })
      .catch(onError);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // Without a host Node listens at all IPv6 and IPv4 addresses, and where there is no IPv6 at those of IPv4.
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
  server.on("error", onError);
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) };
}

const text = (status: number, line: string): Answer => ({
  status,
  type: "text/plain; charset=utf-8",
  body: `${line}\n`,
});

const judged = (problem: string | undefined): Answer => text(problem === undefined ? 200 : 503, problem ?? "ok");

async function answerTo(
  url: string,
  registry: Registry,
  health: Health,
  refusal: () => Promise<MetricsRefusal>,
): Promise<Answer> {
  switch (url.replace(/\?.*$/, "")) {
    case "/metrics":
      return metricsAnswer(registry, await refusal());
    case "/healthz":
      return judged(health.unhealthy());
    case "/readyz":
      return judged(health.unready());
    default:
      return text(404, "not found");
  }
}

async function metricsAnswer(registry: Registry, refusal: MetricsRefusal): Promise<Answer> {
  switch (refusal) {
    case undefined:
      return { status: 200, type: registry.contentType, body: await registry.metrics() };
    case 401:
      return { ...text(401, "a bearer token of the cluster is needed"), headers: { "www-authenticate": "Bearer" } };
    case 403:
      return text(403, "the owner of this token may not get the non-resource URL /metrics");
    case 503:
      return text(503, "too many tokens are being reviewed");
  }
}

function send(response: ServerResponse, { status, type, body, headers = {} }: Answer): void {
  response.writeHead(status, { ...headers, "content-type": type }).end(body);
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
