import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import { isGone, isNotFound, KubeError, kubeErrorOf } from "./kube-error.ts";
import type { KubeObject, StoreWriter } from "./store.ts";

export interface ReflectorOptions<T extends KubeObject> {
  readonly connection: Connection;
  /** Collection path, for example /apis/m2m-operator.io/v1alpha1/oauthapis. */
  readonly path: string;
  /** `path` is one object's own, and this the path that watches it alone; it need not exist. */
  readonly watchPath?: string;
  readonly store: StoreWriter<T>;
  /** Ask for metadata alone: Secrets' contents never reach this process's caches. */
  readonly isMetadataOnly?: boolean;
  readonly labelSelector?: string;
  readonly random: () => number;
  readonly log: { warn(fields: object, message: string): void; debug(fields: object, message: string): void };
  /** Longest silence on a watch before it is taken for dead, in milliseconds. Bookmarks come about once a minute. */
  readonly silenceMs?: number;
  readonly pageSize?: number;
  readonly onRestart?: (why: "expired" | "ended" | "failed") => void;
}

interface List<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[] | null;
}

interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubeObject & { readonly code?: number };
}

const METADATA_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
const METADATA_OBJECT = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
const METADATA_WATCH = METADATA_OBJECT;
const FIRST_PAUSE_MS = 800;
const LONGEST_PAUSE_MS = 30_000;
const HEALTHY_MS = 120_000;

/** Keeps the store equal to the server until aborted: list, watch, and again whenever that ends. Never rejects. */
export async function runReflector<T extends KubeObject>(
  options: ReflectorOptions<T>,
  signal: AbortSignal,
): Promise<void> {
  let version: string | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const startedAt = performance.now();
    try {
      version ??= await (options.watchPath === undefined ? listAll : readOne)(options, signal);
      version = await watch(options, version, signal);
      // One object's version says nothing of how far its watch has come.
      if (options.watchPath !== undefined) version = undefined;
      options.onRestart?.("ended");
      if (performance.now() - startedAt > 1000) continue;
    } catch (error) {
      const judged = judge(options, error, signal);
      if (judged.isExpired) {
        version = undefined;
        continue;
      }
      pauseMs = Math.max(pauseMs, judged.retryAfterMs);
    }
    if (performance.now() - startedAt > HEALTHY_MS) pauseMs = FIRST_PAUSE_MS;
    await sleep(pauseMs * (0.5 + options.random()), signal);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}

/** Expired: what we go on from is too old, list again at once. Anything else: pause, at least as long as the server asks. */
function judge<T extends KubeObject>(
  { onRestart, log, path }: ReflectorOptions<T>,
  error: unknown,
  signal: AbortSignal,
): { readonly isExpired: boolean; readonly retryAfterMs: number } {
  const isExpired = isGone(error);
  onRestart?.(isExpired ? "expired" : "failed");
  if (!isExpired && !signal.aborted) log.warn({ path, code: codeOf(error) }, "watch failed, trying again");
  return { isExpired, retryAfterMs: error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0 };
}

const codeOf = (error: unknown): number | string => (error instanceof KubeError ? error.code : "stream");

/** Reads page by page from etcd: from the server's cache it would come as one page whatever the limit. */
async function listAll<T extends KubeObject>(options: ReflectorOptions<T>, signal: AbortSignal): Promise<string> {
  const { connection, path, store, isMetadataOnly = false, labelSelector, pageSize = 500 } = options;
  const items: T[] = [];
  let next: string | undefined;
  for (;;) {
    const page: List<T> = await connection.request({
      method: "GET",
      path,
      query: {
        limit: String(pageSize),
        ...(next === undefined ? {} : { continue: next }),
        ...(labelSelector === undefined ? {} : { labelSelector }),
      },
      accept: isMetadataOnly ? METADATA_LIST : "application/json",
      timeoutMs: 60_000,
      signal,
    });
    // An empty list of metadata comes as null.
    items.push(...(page.items ?? []));
    next = page.metadata.continue === "" ? undefined : page.metadata.continue;
    if (next === undefined) {
      store.replaceAll(items);
      return page.metadata.resourceVersion;
    }
  }
}

/** Without a version to go on from: a watch that is given none begins with the object as it is. */
async function readOne<T extends KubeObject>(options: ReflectorOptions<T>, signal: AbortSignal): Promise<string> {
  const { connection, path, store, isMetadataOnly = false } = options;
  const accept = isMetadataOnly ? METADATA_OBJECT : "application/json";
  try {
    store.replaceAll([await connection.request<T>({ method: "GET", path, accept, signal })]);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    store.replaceAll([]);
  }
  return "";
}

/** Resolves with the version to go on from when the server ends the watch; throws what ended it otherwise. */
async function watch<T extends KubeObject>(
  options: ReflectorOptions<T>,
  from: string,
  signal: AbortSignal,
): Promise<string> {
  const { connection, isMetadataOnly = false, labelSelector, random, silenceMs = 150_000 } = options;
  const silence = new AbortController();
  const guard = createGuard(silenceMs, silence);
  let version = from;
  try {
    const response = await connection.open({
      method: "GET",
      path: options.watchPath ?? options.path,
      query: {
        watch: "true",
        allowWatchBookmarks: "true",
        ...(from === "" ? {} : { resourceVersion: from }),
        timeoutSeconds: String(300 + Math.floor(random() * 300)),
        ...(labelSelector === undefined ? {} : { labelSelector }),
      },
      accept: isMetadataOnly ? METADATA_WATCH : "application/json",
      signal: AbortSignal.any([signal, silence.signal]),
      lane: "watches",
    });
    for await (const line of linesOf(response.body as AsyncIterable<Uint8Array> | null, guard.touch)) {
      version = handle(options.store, JSON.parse(line) as WatchEvent) ?? version;
    }
    return version;
  } finally {
    guard.stop();
  }
}

/** Any byte says that the other side lives; without one for long, the connection is taken for half open. */
function createGuard(
  silenceMs: number,
  silence: AbortController,
): { readonly touch: () => void; readonly stop: () => void } {
  const timer = setTimeout(() => {
    silence.abort();
  }, silenceMs);
  return {
    touch: () => {
      timer.refresh();
    },
    stop: () => {
      clearTimeout(timer);
    },
  };
}

async function* linesOf(body: AsyncIterable<Uint8Array> | null, onBytes: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body ?? []) {
    onBytes();
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
  if (rest.trim() !== "") throw new KubeError(0, "Truncated", "the watch ended within a line");
}

function handle<T extends KubeObject>(store: StoreWriter<T>, event: WatchEvent): string | undefined {
  const { object } = event;
  switch (event.type) {
    case "ADDED":
    case "MODIFIED":
      store.put(object as unknown as T);
      return object.metadata.resourceVersion;
    case "DELETED":
      store.remove(object as unknown as T);
      return object.metadata.resourceVersion;
    case "BOOKMARK":
      return object.metadata.resourceVersion;
    case "ERROR":
      throw kubeErrorOf(object.code ?? 500, object, undefined);
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
