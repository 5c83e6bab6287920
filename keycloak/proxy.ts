import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent, request } from "undici";
import { mintCertificate } from "../sandbox/certificates.ts";
import type { KeycloakAddress } from "./start.ts";

/** One request that Keycloak answered. */
export interface KeycloakCall {
  /** Counted from 1. */
  readonly n: number;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly status: number;
  /** What was sent. Empty where there was nothing, and at the token endpoint. */
  readonly body: string;
  /** Path of what was created; empty where nothing was. */
  readonly location: string;
}

/** Sees each request before Keycloak does, and once more when it is carried out but nobody knows. */
export interface KeycloakObserver {
  /** Whether the request may pass. One that may not is cut off, and Keycloak never sees it. */
  readonly before?: (call: Pick<KeycloakCall, "method" | "path" | "body">) => boolean;
  readonly after?: (call: KeycloakCall) => void;
}

/**
 * TLS in front of a real Keycloak, which counts its requests. A realm that is used through it has the proxy's URL as its
 * attribute `frontendUrl`, so that its issuer and its token endpoint are the proxy's.
 */
export interface KeycloakProxy extends KeycloakAddress {
  /** The calls after the one with this number; 0 is before the first. */
  calls(since?: number): readonly KeycloakCall[];
  observe(observer: KeycloakObserver): void;
  close(): Promise<void>;
}

export async function startKeycloakProxy(target: KeycloakAddress): Promise<KeycloakProxy> {
  const agent = new Agent({ connect: { ca: target.caPem } });
  const calls: KeycloakCall[] = [];
  const observers: KeycloakObserver[] = [];
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { url = "/", method = "GET" } = incoming;
    const sent = await bytesOf(incoming);
    const path = url.split("?", 1)[0] ?? "/";
    const asked = { method, path, body: path.endsWith("/token") ? "" : sent.toString() };
    if (!observers.every(({ before }) => before?.(asked) ?? true)) {
      outgoing.destroy();
      return;
    }
    const headers = headersOf(incoming);
    const body = sent.length > 0 ? { body: sent } : {};
    const answer = await request(target.url + url, { dispatcher: agent, method: method as "GET", headers, ...body });
    const text = await bytesOf(answer.body);
    const location = new URL(String(answer.headers["location"] ?? "/"), target.url).pathname;
    const call = {
      n: calls.length + 1,
      ...asked,
      status: answer.statusCode,
      location: location === "/" ? "" : location,
    };
    calls.push(call);
    for (const { after } of observers) after?.(call);
    outgoing.writeHead(answer.statusCode, kept(answer.headers)).end(text);
  };
  const { caPem, certificatePem, keyPem } = await mintCertificate(["localhost"]);
  const server = createServer({ key: keyPem, cert: certificatePem }, (incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    caPem,
    calls: (since = 0) => calls.slice(since),
    observe: (observer) => {
      observers.push(observer);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await agent.destroy();
    },
  };
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Those of the connection are not passed on. */
const OWN = new Set(["host", "connection", "content-length", "transfer-encoding", "keep-alive"]);

const kept = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] => !OWN.has(entry[0]) && entry[1] !== undefined,
    ),
  );

const headersOf = ({ headers }: IncomingMessage): Record<string, string | string[]> => kept(headers);
