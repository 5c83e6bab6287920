import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { Clock } from "../ports/clock.ts";
import { type Fetch, TransportError } from "../ports/http-transport.ts";
import type { Governor } from "../tenant/governor.ts";
import { pauseIn } from "../tenant/retry-after.ts";
import type { Feedback } from "../tenant/token-bucket.ts";
import { currentScope } from "../work/scope.ts";
import { countUpTo } from "./answer-limits.ts";
import { abandon, ACCEPT_ENCODING, decoded } from "./decoded.ts";
import { createDispatcher, type DispatcherOptions } from "./dispatcher.ts";
import { isAllowedHost } from "./host-allow-list.ts";
import { isPrivateLiteral } from "./public-address.ts";
import { transportErrorOf } from "./transport-error.ts";

type HeaderReader = { get(name: string): string | null };

export interface TransportOptions extends DispatcherOptions {
  readonly allowedHosts: readonly string[];
  readonly governor: Governor;
  /** Which of the tenant's limits a request counts against, the most specific last. */
  readonly bucketsOf: (method: string, url: URL) => readonly string[];
  /** True when a 429 is one client's own quota of tokens, so that the tenant's buckets stay open. Default: none is. */
  readonly isPerClientQuota?: (headers: HeaderReader) => boolean;
  readonly clock: Clock;
  /** The largest answer that is read, in bytes after decompression. */
  readonly maxBytes: number;
  readonly onExchange?: (exchange: { method: string; url: URL; status: number; seconds: number }) => void;
}

export interface Transport {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

/** The one way out to a tenant. Every rule about where and how fast is here and cannot be gone around by an SDK. */
export function createTransport(options: TransportOptions): Transport {
  const dispatcher = createDispatcher(options);
  const exchange: Fetch = async (input, init = {}) => {
    const { url, method } = target(input, init);
    refuseForbidden(url, options);
    const scope = currentScope();
    const signals = [scope?.signal, init.signal].filter((signal) => signal instanceof AbortSignal);
    const buckets = options.bucketsOf(method, url);
    const { signal: _own, workClass = "resync", namespace = "", ...rest } = scope ?? {};
    await options.governor.admit({ buckets, workClass, namespace, ...rest, signal: AbortSignal.any([...signals]) });
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
  if (!allowPrivateAddresses && isPrivateLiteral(url.hostname))
    refuse(`the address ${url.hostname} is not public: start the operator with --allow-private-addresses to allow it`);
  if (!isAllowedHost(url.host, allowedHosts))
    refuse(
      `the host ${url.host} is not allowed: add it to the operator's --allowed-hosts, or create the provider object again with the correct host`,
    );
}

interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly init: RequestInit;
  readonly buckets: readonly string[];
  readonly signals: readonly AbortSignal[];
}

/** Not by undici's `fetch`, which takes several times as long for the same. */
async function send(options: TransportOptions, dispatcher: Dispatcher, outgoing: Outgoing): Promise<Response> {
  const { url, method, init, signals } = outgoing;
  const startedAt = options.clock.monotonicMs();
  const timeout = AbortSignal.timeout(options.timeoutMs);
  let head: Head | undefined;
  let body = "";
  try {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      signal: AbortSignal.any([...signals, timeout]),
      headers: { ...Object.fromEntries(new Headers(init.headers).entries()), "accept-encoding": ACCEPT_ENCODING },
      ...(typeof init.body === "string" || init.body instanceof URLSearchParams ? { body: String(init.body) } : {}),
    });
    head = headOf(answer);
    refuseRedirect(answer);
    body = await boundedText(answer.body, head, options.maxBytes);
  } catch (error) {
    settled(options, outgoing, startedAt, head);
    throw transportErrorOf(error, {
      ...{ host: url.host, isTimeout: timeout.aborted },
      isAnswered: head !== undefined,
    });
  }
  const pauseMs = settled(options, outgoing, startedAt, head);
  const { status, headers } = head;
  // However the vendor announced the pause, and if it announced none: who translates this answer reads what the governor heeds.
  if (status === 429 && pauseMs > 0) headers.set("retry-after", String(Math.ceil(pauseMs / 1000)));
  return new Response(status === 204 || status === 304 ? null : body, { status, headers });
}

interface Head {
  readonly status: number;
  readonly headers: Headers;
}

function headOf({ statusCode: status, headers }: Dispatcher.ResponseData): Head {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  return { status, headers: new Headers(pairs) };
}

/** Tells the governor what came of the exchange. Returns for how long the tenant is to be left alone, in milliseconds. */
function settled(
  options: TransportOptions,
  { url, method, buckets }: Outgoing,
  startedAt: number,
  answer: { readonly status: number; readonly headers: HeaderReader } | undefined,
): number {
  const { clock, governor, isPerClientQuota, onExchange } = options;
  const { status, headers } = answer ?? { status: 0, headers: undefined };
  onExchange?.({ method, url, status, seconds: (clock.monotonicMs() - startedAt) / 1000 });
  if (status === 429 && headers !== undefined && isPerClientQuota?.(headers) === true) {
    governor.settle(buckets, { status: 200 });
    return pauseIn(headers, clock.now()) ?? 0;
  }
  return governor.settle(buckets, feedbackOf(status, headers, clock.now()));
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A redirect could lead anywhere. */
function refuseRedirect({ statusCode, body }: Dispatcher.ResponseData): void {
  if (!REDIRECTS.has(statusCode)) return;
  abandon(body);
  throw new TransportError("network", "the answer is a redirect, which the operator does not follow", { sent: true });
}

/** Throws `too_large` while the rest was not read yet. Of a refusal the status counts, whatever comes with it. */
async function boundedText(body: Readable, { status, headers }: Head, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  const count = countUpTo(maxBytes);
  try {
    for await (const chunk of decoded(body, headers.get("content-encoding") ?? "")) {
      count.add(chunk);
      chunks.push(chunk);
    }
  } catch (error) {
    if (status >= 400 && error instanceof TransportError && error.reason === "too_large") return "";
    throw error;
  }
  return Buffer.concat(chunks).toString("utf8");
}

function feedbackOf(status: number, headers: HeaderReader | undefined, now: Date): Feedback {
  const number = (name: string): number | undefined => {
    const text = headers?.get(name) ?? "";
    return /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const remaining = number("x-ratelimit-remaining") ?? number("x-rate-limit-remaining");
  const limit = number("x-ratelimit-limit") ?? number("x-rate-limit-limit");
  const resetInMs = pauseIn(headers, now);
  return {
    status,
    ...(remaining === undefined ? {} : { remaining }),
    ...(limit === undefined ? {} : { limit }),
    ...(resetInMs === undefined ? {} : { resetInMs }),
  };
}
