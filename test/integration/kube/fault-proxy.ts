import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { KubeConfig } from "@kubernetes/client-node";
import { Agent, request as undiciRequest } from "undici";
import { parse, stringify } from "yaml";
import { mintCertificate } from "../../../sandbox/certificates.ts";
import { createOutage } from "../../../sandbox/outage.ts";

/** What to do with the next request that matches. */
export interface ProxyFault {
  readonly matches: (url: string, method: string) => boolean;
  readonly answer?: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body: string;
  };
  /** With `answer`: the server carries the request out first, and nobody gets the answer. */
  readonly commit?: true;
  /** Let the answer begin and then never say anything again: a half-open connection. */
  readonly stall?: true;
  /** Cut the connection before the server is asked, after it has answered, or in the middle of its answer. */
  readonly cut?: "before" | "after" | "within";
  /** Cut every connection and refuse new ones for so many milliseconds. */
  readonly refuseMs?: number;
}

export interface FaultProxy {
  readonly kubeconfig: string;
  readonly requests: string[];
  add(fault: ProxyFault): void;
  /** Forgets the faults that did not come true. */
  clear(): void;
  /** Called when the server has carried out a request, before anybody gets the answer. */
  onAnswer(listener: Listener): void;
  /** From now on nothing passes in either direction; connections are still accepted and stay open. */
  freeze(): void;
  /** Whatever was held up continues. */
  thaw(): void;
  /** Cuts every answer that is under way, watches above all, in the middle of a line if `text` is one's beginning. */
  cut(text?: string): void;
  close(): Promise<void>;
}

/** `body` is what was sent, `status` what the server answered. */
type Listener = (method: string, url: string, body: string, status: number) => void;

/** TLS in front of the real API server; passes everything on but what it has to spoil, once each. */
export async function startFaultProxy(kubeconfig: string): Promise<FaultProxy> {
  const dir = mkdtempSync(join(tmpdir(), "m2m-fault-proxy-"));
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const target = config.getCurrentCluster()?.server ?? "";
  const tls: { ca?: string | Buffer; cert?: string | Buffer; key?: string | Buffer } = {};
  await config.applyToHTTPSOptions(tls as Parameters<KubeConfig["applyToHTTPSOptions"]>[0]);
  const agent = new Agent({
    bodyTimeout: 0,
    connect: { ca: tls.ca as string, cert: tls.cert as string, key: tls.key as string },
  });
  const faults: ProxyFault[] = [];
  const requests: string[] = [];
  const listeners: Listener[] = [];
  const passage = createPassage();
  const underWay = new Set<ServerResponse>();
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { url = "/", method = "GET" } = incoming;
    requests.push(url);
    const fault = faults.find((candidate) => candidate.matches(url, method));
    if (fault !== undefined) faults.splice(faults.indexOf(fault), 1);
    if (fault?.refuseMs !== undefined) outage.begin(fault.refuseMs);
    if (isRefused(outgoing, fault)) return;
    const body = await bodyOf(incoming);
    const abort = new AbortController();
    outgoing.on("close", () => {
      underWay.delete(outgoing);
      if (fault?.cut !== "after") abort.abort();
    });
    await passage.open();
    const answer = await undiciRequest(target + url, {
      dispatcher: agent,
      method: method as "GET",
      signal: abort.signal,
      headers: passedOn(incoming),
      ...(body.length > 0 ? { body } : {}),
    });
    for (const listener of listeners) listener(method, url, body.toString(), answer.statusCode);
    if (await isSpoilt(outgoing, answer.body, fault)) return;
    await passage.open();
    underWay.add(outgoing);
    outgoing.writeHead(answer.statusCode, { "content-type": String(answer.headers["content-type"]) });
    outgoing.flushHeaders();
    await sendBody(outgoing, answer.body, fault);
  };
  const sendBody = async (outgoing: ServerResponse, body: Readable, fault: ProxyFault | undefined): Promise<void> => {
    if (fault?.stall === true) return;
    if (fault?.cut === "within") return sendHalf(outgoing, await bodyOf(body));
    for await (const chunk of body) {
      await passage.open();
      outgoing.write(chunk);
    }
    outgoing.end();
  };
  const certificate = await mintCertificate(["localhost"]);
  const server = createServer({ key: certificate.keyPem, cert: certificate.certificatePem }, (incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const outage = createOutage(server);
  const path = join(dir, "proxied-kubeconfig");
  writeFileSync(path, rewritten(kubeconfig, (server.address() as AddressInfo).port, certificate.caPem));
  return {
    kubeconfig: path,
    requests,
    add: (fault) => faults.push(fault),
    clear: () => {
      faults.length = 0;
    },
    onAnswer: (listener) => listeners.push(listener),
    freeze: passage.freeze,
    thaw: passage.thaw,
    cut: (text = "") => {
      for (const answer of underWay) {
        if (text === "") answer.socket?.destroy();
        else answer.write(text, () => answer.socket?.destroy());
      }
    },
    close: async () => {
      passage.thaw();
      await outage.over();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true, force: true });
      await agent.destroy();
    },
  };
}

async function bodyOf(incoming: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Whether the fault answers, or hangs up, in place of the server. */
function isRefused(outgoing: ServerResponse, fault: ProxyFault | undefined): boolean {
  if (fault?.cut === "before") {
    outgoing.socket?.destroy();
    return true;
  }
  if (fault?.answer === undefined || fault.commit === true) return false;
  reply(outgoing, fault.answer);
  return true;
}

/** Whether nobody gets the server's answer. */
async function isSpoilt(
  outgoing: ServerResponse,
  body: { dump(): Promise<void> },
  fault: ProxyFault | undefined,
): Promise<boolean> {
  if (fault?.cut !== "after" && fault?.answer === undefined) return false;
  await body.dump();
  if (fault.answer === undefined) outgoing.socket?.destroy();
  else reply(outgoing, fault.answer);
  return true;
}

function sendHalf(outgoing: ServerResponse, body: Buffer): void {
  outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => outgoing.destroy());
}

function reply(outgoing: ServerResponse, { status, headers, body }: NonNullable<ProxyFault["answer"]>): void {
  outgoing.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
}

/** What everything must pass that goes either way. */
function createPassage(): { open(): Promise<void>; readonly freeze: () => void; readonly thaw: () => void } {
  let frozen: { readonly over: Promise<void>; readonly end: () => void } | undefined;
  return {
    open: async () => {
      while (frozen !== undefined) await frozen.over;
    },
    freeze: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      frozen ??= { over: promise, end: resolve };
    },
    thaw: () => {
      frozen?.end();
      frozen = undefined;
    },
  };
}

const passedOn = ({ headers }: IncomingMessage): Record<string, string> => ({
  accept: headers.accept ?? "",
  "content-type": headers["content-type"] ?? "application/json",
});

/** The same access, through us: we authenticate to the real server. */
function rewritten(kubeconfig: string, port: number, caPem: string): string {
  const document = parse(readFileSync(kubeconfig, "utf8")) as { clusters: { cluster: Record<string, unknown> }[] };
  for (const { cluster } of document.clusters) {
    cluster["server"] = `https://localhost:${String(port)}`;
    cluster["certificate-authority-data"] = Buffer.from(caPem).toString("base64");
    delete cluster["certificate-authority"];
  }
  return stringify(document);
}
