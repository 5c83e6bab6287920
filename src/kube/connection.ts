import { setTimeout as delay } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { Agent, type Dispatcher, fetch, type Response } from "undici";
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
  /** Which connections to use: a stuck watch or a full pool must not hold up a lease. */
  readonly lane?: Lane;
}

type Lane = "requests" | "watches" | "lease";

/** The API server, with authentication, timeouts and connections of our own. */
export interface Connection {
  readonly host: string;
  /** Parsed JSON of a 2xx answer. Throws KubeError. A 429 is tried again as the server asks, a few times. */
  request<T>(request: KubeRequest): Promise<T>;
  /** An open answer, for watches. Throws KubeError unless it is a 2xx. */
  open(request: KubeRequest): Promise<Response>;
  close(): Promise<void>;
}

const MAX_THROTTLED_TRIES = 5;
/** In-cluster tokens and CA files are replaced under a running process. */
const AUTH_FRESH_MS = 30_000;

export function connect(options: ConnectionOptions): Connection {
  const config = loadConfig(options.kubeconfig);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error("the kubeconfig has no current cluster");
  const server = cluster.server.replace(/\/+$/, "");
  const credentials = createCredentials(config);

  const send = async (request: KubeRequest): Promise<Response> => {
    const { headers, agents } = await credentials.current();
    const url = new URL(server + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
    try {
      const response = await fetch(url, {
        method: request.method,
        dispatcher: agents[request.lane ?? "requests"],
        headers: {
          ...headers,
          accept: request.accept ?? "application/json",
          ...(request.body === undefined ? {} : { "content-type": request.contentType ?? "application/json" }),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      options.onRequest?.(request.method, url.host, response.status);
      return response;
    } catch (cause) {
      options.onRequest?.(request.method, url.host, 0);
      throw new KubeError(0, "Unreachable", `${request.method} ${request.path}: no answer from the API server`, {
        cause,
      });
    }
  };

  return {
    host: new URL(server).host,
    request: (request) => requestJson(send, withTimeout(request, options.timeoutMs)),
    open: async (request) => {
      const response = await send(request);
      if (!response.ok) throw await errorOf(response);
      return response;
    },
    close: () => credentials.close(),
  };
}

function loadConfig(path: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (path === undefined) config.loadFromDefault();
  else config.loadFromFile(path);
  return config;
}

function withTimeout(request: KubeRequest, defaultMs: number): KubeRequest {
  const timeout = AbortSignal.timeout(request.timeoutMs ?? defaultMs);
  return { ...request, signal: request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]) };
}

async function requestJson<T>(send: (request: KubeRequest) => Promise<Response>, request: KubeRequest): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const response = await send(request);
    if (response.ok) return (await response.json()) as T;
    const error = await errorOf(response);
    // The server did not look at a request that it answered with 429, whatever its method.
    if (error.code !== 429 || attempt >= MAX_THROTTLED_TRIES) throw error;
    await pause(error.retryAfterMs ?? 1000, request.signal);
  }
}

async function errorOf(response: Response): Promise<KubeError> {
  const seconds = Number(response.headers.get("retry-after"));
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
  const status: unknown = await response.json().catch(() => undefined);
  return kubeErrorOf(response.status, status, retryAfterMs);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {
    throw new KubeError(429, "TooManyRequests", "gave up waiting for the API server");
  });
}

interface Access {
  readonly headers: Readonly<Record<string, string>>;
  readonly agents: Readonly<Record<Lane, Dispatcher>>;
}

/** Reads what kubeconfig says about authentication again now and then; new TLS material means new connections. */
function createCredentials(config: KubeConfig): { current(): Promise<Access>; close(): Promise<void> } {
  let access: Access | undefined;
  let material = "";
  let readAt = Number.NEGATIVE_INFINITY;
  const read = async (): Promise<Access> => {
    const options: TlsOptions = {};
    await config.applyToHTTPSOptions(options as Parameters<KubeConfig["applyToHTTPSOptions"]>[0]);
    const { headers = {}, ...rest } = options;
    const tls = Object.fromEntries(TLS_KEYS.filter((key) => rest[key] !== undefined).map((key) => [key, rest[key]]));
    const nextMaterial = JSON.stringify(tls);
    if (access === undefined || nextMaterial !== material) {
      const previous = access;
      access = { headers, agents: agentsOf(tls) };
      material = nextMaterial;
      if (previous !== undefined) void closeAll(previous.agents);
    } else access = { ...access, headers };
    readAt = performance.now();
    return access;
  };
  return {
    current: async () => (access !== undefined && performance.now() - readAt < AUTH_FRESH_MS ? access : read()),
    close: async () => (access === undefined ? undefined : closeAll(access.agents)),
  };
}

const TLS_KEYS = ["ca", "cert", "key", "pfx", "passphrase", "servername", "rejectUnauthorized"] as const;

type TlsOptions = Partial<Record<(typeof TLS_KEYS)[number], unknown>> & { headers?: Record<string, string> };

/** HTTP/1.1 on purpose: one dead HTTP/2 connection would stop every watch and every request at once. */
function agentsOf(tls: Record<string, unknown>): Access["agents"] {
  const agent = (connections: number): Agent =>
    new Agent({ connections, allowH2: false, connect: { ...tls, timeout: 10_000 }, keepAliveTimeout: 30_000 });
  return {
    requests: agent(32),
    // Bookmarks come about once a minute: the body of a watch is never silent for longer than its own guard allows.
    watches: new Agent({ connections: 32, allowH2: false, connect: { ...tls, timeout: 10_000 }, bodyTimeout: 0 }),
    lease: agent(2),
  };
}

async function closeAll(agents: Access["agents"]): Promise<void> {
  await Promise.all(Object.values(agents).map((agent) => agent.destroy()));
}
