import { lookup as dnsLookup, type LookupOptions } from "node:dns";
import { rootCertificates } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch as undiciFetch } from "undici";
import { currentScope } from "../work/scope.ts";
import type { Clock } from "../ports/clock.ts";
import { type Fetch, TransportError } from "../ports/http-transport.ts";
import type { Governor } from "../tenant/governor.ts";
import { isAllowedHost, isPrivateLiteral, isPublicAddress } from "./host-allow-list.ts";

export interface TransportOptions {
  readonly allowedHosts: readonly string[];
  readonly allowPrivateAddresses: boolean;
  /** PEM certificates beside the system's roots. */
  readonly caBundle?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
  readonly governor: Governor;
  /** Which of the tenant's limits a request counts against, the most specific last. */
  readonly bucketsOf: (method: string, url: URL) => readonly string[];
  /** A 429 that is about one client alone must not hold everybody up. Default: none is. */
  readonly isQuotaOfOne?: (headers: { get(name: string): string | null }) => boolean;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly onExchange?: (exchange: { method: string; url: URL; status: number; seconds: number }) => void;
}

export interface Transport {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

/** The longest answer that is read: a listing of a hundred clients is far below it. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The one way out to a tenant. Every rule about where and how fast is here and cannot be gone around by an SDK. */
export function createTransport(options: TransportOptions): Transport {
  const dispatcher = dispatcherOf(options);
  const exchange: Fetch = async (input, init = {}) => {
    const { url, method } = target(input, init);
    refuseForbidden(url, options);
    const scope = currentScope();
    const signals = [scope?.signal, init.signal].filter((signal) => signal instanceof AbortSignal);
    const waiting = AbortSignal.any([...signals]);
    const buckets = options.bucketsOf(method, url);
    await admitted(options.governor, buckets, waiting, scope);
    return send(options, dispatcher, { url, method, init, buckets, signals });
  };
  return { fetch: exchange, close: () => dispatcher.destroy() };
}

function target(input: Parameters<Fetch>[0], init: RequestInit): { url: URL; method: string } {
  const address = typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
  return { url: new URL(address), method: (init.method ?? "GET").toUpperCase() };
}

function refuseForbidden(url: URL, { allowedHosts, allowPrivateAddresses }: TransportOptions): void {
  const refuse = (why: string): never => {
    throw new TransportError("refused_host", why, { sent: false });
  };
  if (url.protocol !== "https:") refuse(`${url.protocol}//${url.host} is not https`);
  if (url.username !== "" || url.password !== "") refuse("a URL with a user name is not allowed");
  // A literal address is never looked up, so it is judged here.
  if (!allowPrivateAddresses && isPrivateLiteral(url.hostname)) refuse(`address ${url.hostname} is not public`);
  if (!isAllowedHost(url.host, allowedHosts))
    refuse(`host ${url.host} is not allowed; the operator's setting --allowed-hosts says which are`);
}

async function admitted(
  governor: Governor,
  buckets: readonly string[],
  signal: AbortSignal,
  scope: ReturnType<typeof currentScope>,
): Promise<void> {
  try {
    await governor.admit({
      buckets,
      workClass: scope?.workClass ?? "resync",
      namespace: scope?.namespace ?? "",
      signal,
    });
  } catch (cause) {
    throw new TransportError("aborted", "the work was given up before its request was sent", { sent: false, cause });
  }
}

interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly init: RequestInit;
  readonly buckets: readonly string[];
  readonly signals: readonly AbortSignal[];
}

async function send(options: TransportOptions, dispatcher: Dispatcher, outgoing: Outgoing): Promise<Response> {
  const { url, method, init, buckets, signals } = outgoing;
  const startedAt = options.clock.now().getTime();
  const timeout = AbortSignal.timeout(options.timeoutMs);
  let status = 0;
  let headers: { get(name: string): string | null } | undefined;
  try {
    const response = await undiciFetch(url, {
      method,
      dispatcher,
      redirect: "error",
      signal: AbortSignal.any([...signals, timeout]),
      headers: Object.fromEntries(new Headers(init.headers).entries()),
      ...(typeof init.body === "string" || init.body instanceof URLSearchParams ? { body: String(init.body) } : {}),
    });
    status = response.status;
    headers = response.headers;
    const body = await boundedText(response.body as AsyncIterable<Uint8Array> | null);
    const isEmpty = status === 204 || status === 304;
    return new Response(isEmpty ? null : body, { status, headers: Object.fromEntries(response.headers.entries()) });
  } catch (error) {
    throw transportErrorOf(error, timeout.aborted, status);
  } finally {
    const isOfOne = status === 429 && headers !== undefined && options.isQuotaOfOne?.(headers) === true;
    const feedback = isOfOne ? { status: 200 } : feedbackOf(status, headers, options.clock.now().getTime());
    options.governor.settle(buckets, feedback);
    options.onExchange?.({ method, url, status, seconds: (options.clock.now().getTime() - startedAt) / 1000 });
  }
}

async function boundedText(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new TransportError("too_large", "the answer is larger than 16 MiB", { sent: true });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Errors of connecting: the request cannot have reached anybody. */
const NOT_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "EPRIVATE",
]);

function transportErrorOf(error: unknown, isTimeout: boolean, status: number): TransportError {
  if (error instanceof TransportError) return error;
  const code = codeOf(error);
  const isSent = status !== 0 || !(NOT_SENT.has(code) || isTlsProblem(code));
  const options = { sent: isSent, cause: error };
  if (isTimeout) return new TransportError("timeout", "no complete answer in time", { sent: true, cause: error });
  if (error instanceof Error && error.name === "AbortError")
    return new TransportError("aborted", "the work was given up", options);
  if (code === "EPRIVATE")
    return new TransportError(
      "refused_host",
      "the host's address is not public; --allow-private-addresses permits that",
      options,
    );
  const what = isTlsProblem(code)
    ? "the certificate was not accepted; spec.caBundle adds authorities"
    : "the connection failed";
  return new TransportError("network", code === "" ? what : `${what} (${code})`, options);
}

const isTlsProblem = (code: string): boolean => /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code);

function codeOf(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code } = current as Error & { readonly code?: unknown };
    if (typeof code === "string") return code;
  }
  return "";
}

function feedbackOf(status: number, headers: { get(name: string): string | null } | undefined, now: number) {
  const number = (name: string): number | undefined => {
    const text = headers?.get(name) ?? "";
    return /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const remaining = number("x-ratelimit-remaining") ?? number("x-rate-limit-remaining");
  const limit = number("x-ratelimit-limit") ?? number("x-rate-limit-limit");
  const resetAt = resetOf(number, Date.parse(headers?.get("date") ?? ""), now);
  return {
    status,
    ...(remaining === undefined ? {} : { remaining }),
    ...(limit === undefined ? {} : { limit }),
    ...(resetAt === undefined ? {} : { resetAt }),
  };
}

/** By our clock: the vendor's may differ, and it says what time it is there. */
function resetOf(number: (name: string) => number | undefined, date: number, now: number): number | undefined {
  const retryAfter = number("retry-after");
  if (retryAfter !== undefined) return now + retryAfter * 1000;
  const seconds = number("x-ratelimit-reset") ?? number("x-rate-limit-reset");
  if (seconds === undefined) return undefined;
  return Number.isNaN(date) ? seconds * 1000 : now + Math.max(0, seconds * 1000 - date);
}

function dispatcherOf(options: TransportOptions): Dispatcher {
  const { caBundle, httpsProxy, noProxy, allowPrivateAddresses, timeoutMs } = options;
  const connect = {
    timeout: Math.min(10_000, timeoutMs),
    ...(caBundle === undefined ? {} : { ca: [...rootCertificates, caBundle] }),
    ...(allowPrivateAddresses ? {} : { lookup: publicLookup }),
  };
  const common = { connections: 16, allowH2: false, headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  if (httpsProxy === undefined) return new Agent({ ...common, connect });
  return new EnvHttpProxyAgent({
    ...common,
    httpsProxy,
    ...(noProxy === undefined ? {} : { noProxy }),
    requestTls: connect,
    connect,
  });
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: never, family?: number) => void;

/** Resolves and judges in one step, so that a name cannot point elsewhere between the two. */
function publicLookup(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  dnsLookup(hostname, options, (error, address, family) => {
    const addresses = Array.isArray(address) ? address.map((entry) => entry.address) : [address];
    const isPublic = error !== null || addresses.every(isPublicAddress);
    const refusal = Object.assign(new Error("not a public address"), { code: "EPRIVATE" });
    callback(isPublic ? error : refusal, address as never, family);
  });
}
