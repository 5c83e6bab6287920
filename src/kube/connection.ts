import { setTimeout as delay } from "node:timers/promises";
import { fetch, type RequestInit, type Response } from "undici";
import type { Lane } from "./agents.ts";
import { type Access, createCredentials } from "./credentials.ts";
import { KubeError, kubeErrorOf } from "./kube-error.ts";

export interface ConnectionOptions {
  /** Path of a kubeconfig; by default the cluster this runs in, else KUBECONFIG, else the user's own. */
  readonly kubeconfig?: string;
  /** Longest a plain request may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly onRequest?: (method: string, host: string, code: number) => void;
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
  /** An open answer, for watches. Rejects with a KubeError unless it is a 2xx. */
  open(request: KubeRequest): Promise<Response>;
  /** Resolves with the next 2xx answer to whatever request: the API server can be reached. Never rejects. */
  answered(): Promise<void>;
  /** Ends everything that is under way, at once. */
  close(): Promise<void>;
}

const MAX_THROTTLED_TRIES = 5;
const MAX_RETRY_AFTER_MS = 120_000;

/** Throws a KubeError when the kubeconfig cannot be read. */
export function connect(options: ConnectionOptions): Connection {
  const credentials = createCredentials(options.kubeconfig);
  const { server } = credentials;

  let nextAnswer = Promise.withResolvers<void>();
  const noteAnswer = (): void => {
    nextAnswer.resolve();
    nextAnswer = Promise.withResolvers();
  };
  const send = async (request: KubeRequest): Promise<Response> => {
    const { headers, agents } = await credentials.current(request.signal);
    const url = urlOf(server, request);
    try {
      const dispatcher = agents[request.lane ?? "requests"];
      const response = await fetch(url, { ...messageOf(request, headers), dispatcher });
      options.onRequest?.(request.method, url.host, response.status);
      if (response.status === 401) credentials.refused();
      if (response.ok) noteAnswer();
      return response;
    } catch (cause) {
      options.onRequest?.(request.method, url.host, 0);
      const message = `${request.method} ${request.path}: no answer from the API server`;
      throw new KubeError(0, "Unreachable", message, { cause });
    }
  };

  return {
    host: new URL(server).host,
    request: (request) => requestJson(send, withTimeout(request, options.timeoutMs)),
    open: async (request) => {
      const response = await send(request);
      if (!response.ok) throw await errorOf(response, request);
      return response;
    },
    answered: () => nextAnswer.promise,
    close: () => credentials.close(),
  };
}

function urlOf(server: string, { path, query = {} }: KubeRequest): URL {
  const url = new URL(server + path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

function messageOf(request: KubeRequest, access: Access["headers"]): RequestInit {
  const { method, body, contentType = "application/json", accept = "application/json", signal } = request;
  const headers = { ...access, accept };
  return {
    method,
    ...(signal === undefined ? {} : { signal }),
    ...(body === undefined
      ? { headers }
      : { headers: { ...headers, "content-type": contentType }, body: JSON.stringify(body) }),
  };
}

function withTimeout(request: KubeRequest, defaultMs: number): KubeRequest {
  const timeout = AbortSignal.timeout(request.timeoutMs ?? defaultMs);
  return { ...request, signal: request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]) };
}

async function requestJson<T>(send: (request: KubeRequest) => Promise<Response>, request: KubeRequest): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const response = await send(request);
    if (response.ok) return bodyOf<T>(response, request);
    const error = await errorOf(response, request);
    // The server did not process a request that it answered with 429, whatever its method.
    if (error.code !== 429 || attempt >= MAX_THROTTLED_TRIES) throw error;
    await pause(error.retryAfterMs ?? 1000, request.signal);
  }
}

async function bodyOf<T>(response: Response, { method, path }: KubeRequest): Promise<T> {
  const unreadable = (cause?: unknown): KubeError =>
    new KubeError(0, "UnreadableAnswer", `${method} ${path}: the answer cannot be read`, { cause });
  const body: unknown = await response.json().catch((cause: unknown) => {
    // A parser's message quotes what it could not parse.
    throw unreadable(cause instanceof SyntaxError ? undefined : cause);
  });
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw unreadable();
  return body as T;
}

async function errorOf(response: Response, { conceal }: KubeRequest): Promise<KubeError> {
  const status: unknown = await response.json().catch(() => undefined);
  return kubeErrorOf(response.status, status, retryAfterMsOf(response.headers.get("retry-after")), conceal);
}

/** Capped: what stands between us and the API server may ask for anything. */
function retryAfterMsOf(seconds: string | null): number | undefined {
  const ms = Number(seconds ?? "") * 1000;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {
    throw new KubeError(429, "TooManyRequests", "gave up waiting for the API server");
  });
}
