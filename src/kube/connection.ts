import { setTimeout as delay } from "node:timers/promises";
import type { Dispatcher } from "undici";
import type { Lane } from "./agents.ts";
import { type Access, createCredentials } from "./credentials.ts";
import { exchange, type WholeAnswer } from "./exchange.ts";
import { KubeError, kubeErrorOf } from "./kube-error.ts";

export interface ConnectionOptions {
  /** Path of a kubeconfig; by default the cluster this runs in, else KUBECONFIG, else the user's own. */
  readonly kubeconfig?: string | undefined;
  /** Context of the kubeconfig. Default: the current one. */
  readonly context?: string | undefined;
  /** In the API server's audit log. Default: the operator's. */
  readonly userAgent?: string;
  /** Longest a plain request may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly onRequest?: (method: string, host: string, code: number) => void;
  /** Asked right before each write that is none of a Lease; one that may not go is rejected. Default: each may go. */
  readonly mayWrite?: () => boolean;
}

export interface KubeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Which connections to use; `requests` by default. */
  readonly lane?: Lane;
  /** Takes out of the message of a refusal what nobody may see. Default: nothing. */
  readonly conceal?: (text: string) => string;
}

/** The API server, with authentication, timeouts and connections of our own. */
export interface Connection {
  readonly host: string;
  /**
   * The JSON object of a 2xx answer. Rejects with a KubeError whatever else happens: no answer, no credentials, a body
   * that is cut off or no JSON. A 429 is tried again as the server asks, a few times.
   */
  request<T>(request: KubeRequest): Promise<T>;
  /** The body of a 2xx answer as it comes, for watches. Rejects with a KubeError when there is none. */
  open(request: KubeRequest): Promise<AsyncIterable<Uint8Array>>;
  /** Resolves with the next 2xx answer to whatever request: the API server can be reached. Never rejects. */
  answered(): Promise<void>;
  /** Ends everything that is under way, at once. */
  close(): Promise<void>;
}

type Head = Pick<WholeAnswer, "statusCode" | "headers">;

const USER_AGENT = "m2m-operator";
const MAX_THROTTLED_TRIES = 5;
const MAX_RETRY_AFTER_MS = 120_000;

/** Throws a KubeError when the kubeconfig cannot be read. */
export function connect(options: ConnectionOptions): Connection {
  const credentials = createCredentials({ path: options.kubeconfig, context: options.context });
  const { host, origin, pathname } = new URL(credentials.server);
  const root = pathname === "/" ? "" : pathname;

  let nextAnswer = Promise.withResolvers<void>();
  const noteAnswer = (): void => {
    nextAnswer.resolve();
    nextAnswer = Promise.withResolvers();
  };
  const named = (headers: Access["headers"]): Access["headers"] => ({
    ...headers,
    "user-agent": options.userAgent ?? USER_AGENT,
  });
  const sending = async <A extends Head>(
    request: KubeRequest,
    reading: () => AbortSignal | undefined,
    send: (lane: Dispatcher, message: Dispatcher.RequestOptions) => Promise<A>,
  ): Promise<A> => {
    const { headers, agents } = await credentials.current(reading);
    const { method, lane = "requests" } = request;
    if (method !== "GET" && lane !== "lease" && options.mayWrite?.() === false)
      throw new KubeError(0, "NotHeld", `${method} ${request.path}: this process lost its lease`);
    try {
      const message = { origin, path: root + targetOf(request), ...messageOf(request, named(headers)) };
      const answer = await send(agents[lane], message);
      options.onRequest?.(method, host, answer.statusCode);
      if (answer.statusCode === 401) credentials.refused();
      if (isOk(answer)) noteAnswer();
      return answer;
    } catch (cause) {
      options.onRequest?.(method, host, 0);
      const message = `${method} ${request.path}: no answer from the API server`;
      throw new KubeError(0, "Unreachable", message, { cause });
    }
  };
  const whole = (request: KubeRequest, deadline: Deadline): Promise<WholeAnswer> =>
    sending(request, deadline.signal, (lane, message) =>
      exchange(lane, message, { timeoutMs: deadline.leftMs(), signal: request.signal }),
    );

  return {
    host,
    request: (request) =>
      requestJson(whole, request, deadlineAfter(request.timeoutMs ?? options.timeoutMs, request.signal)),
    open: async (request) => {
      const { signal } = request;
      const answer = await sending(
        request,
        () => signal,
        (lane, message) => lane.request(signal === undefined ? message : { ...message, signal }),
      );
      if (isOk(answer)) return answer.body;
      const text = await answer.body.text().catch(() => undefined);
      throw errorOf({ ...answer, ...(text === undefined ? {} : { text }) }, request);
    },
    answered: () => nextAnswer.promise,
    close: () => credentials.close(),
  };
}

const isOk = ({ statusCode }: Head): boolean => statusCode >= 200 && statusCode < 300;

function targetOf({ path, query }: KubeRequest): string {
  if (query === undefined) return path;
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${path}?${pairs.join("&")}`;
}

function messageOf(
  { method, body, contentType = "application/json", accept = "application/json" }: KubeRequest,
  access: Access["headers"],
): Pick<Dispatcher.RequestOptions, "method" | "headers" | "body"> {
  const headers = { ...access, accept };
  if (body === undefined) return { method, headers };
  return { method, headers: { ...headers, "content-type": contentType }, body: JSON.stringify(body) };
}

/** Until when a request and its repetitions may take, all together. */
interface Deadline {
  readonly leftMs: () => number;
  /** Made on demand: most requests need none, and it takes time to make one. */
  readonly signal: () => AbortSignal;
}

function deadlineAfter(timeoutMs: number, signal: AbortSignal | undefined): Deadline {
  const until = performance.now() + timeoutMs;
  const leftMs = (): number => Math.max(0, until - performance.now());
  return {
    leftMs,
    signal: () => {
      const timeout = AbortSignal.timeout(Math.ceil(leftMs()));
      return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    },
  };
}

async function requestJson<T>(
  send: (request: KubeRequest, deadline: Deadline) => Promise<WholeAnswer>,
  request: KubeRequest,
  deadline: Deadline,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const answer = await send(request, deadline);
    if (isOk(answer)) return bodyOf<T>(answer, request);
    const error = errorOf(answer, request);
    // The server did not process a request that it answered with 429, whatever its method.
    if (error.code !== 429 || attempt >= MAX_THROTTLED_TRIES) throw error;
    await pause(error.retryAfterMs ?? 1000, deadline.signal());
  }
}

function bodyOf<T>({ text, cause }: WholeAnswer, { method, path }: KubeRequest): T {
  const body = text === undefined ? undefined : parsed(text);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as T;
  throw new KubeError(0, "UnreadableAnswer", `${method} ${path}: the answer cannot be read`, { cause });
}

/** `undefined` when it is no JSON. Without the parser's message, which quotes what it could not parse. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf({ text, headers, statusCode }: Head & Pick<WholeAnswer, "text">, { conceal }: KubeRequest): KubeError {
  const status = text === undefined ? undefined : parsed(text);
  const { "retry-after": after } = headers;
  return kubeErrorOf(statusCode, status, retryAfterMsOf(Array.isArray(after) ? after[0] : after), conceal);
}

/** Capped: what stands between us and the API server may request anything. */
function retryAfterMsOf(seconds: string | undefined): number | undefined {
  const ms = Number(seconds ?? "") * 1000;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {
    throw new KubeError(429, "TooManyRequests", "gave up waiting for the API server");
  });
}
