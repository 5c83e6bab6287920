import { setTimeout as delay } from "node:timers/promises";
import { type Backoff, createBackoff } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { isGone, KubeError } from "./kube-error.ts";
import { JSON_OBJECT, listAll, type ListingOptions, METADATA_OBJECT, readOne } from "./listing.ts";
import { isBefore } from "./resource-version.ts";
import type { KubeObject, StoreWriter } from "./store.ts";
import { readWatch, type WatchEvent } from "./watch-stream.ts";

export interface ReflectorOptions<T extends KubeObject> {
  readonly connection: Connection;
  /** Collection path, for example /apis/m2m-operator.io/v1alpha1/oauthapis. */
  readonly path: string;
  /** `path` is one object's own, and this the path that watches it alone; it need not exist. */
  readonly watchPath?: string;
  readonly store: StoreWriter<T>;
  /** Ask for metadata alone: Secrets' contents never reach this process's caches. */
  readonly isMetadataOnly?: boolean;
  readonly random: () => number;
  readonly log: { warn(fields: object, message: string): void; debug(fields: object, message: string): void };
  /** Longest silence on a watch before it is taken for dead, in milliseconds. Bookmarks come about once a minute. */
  readonly silenceMs?: number;
  readonly pageSize?: number;
  readonly onRestart?: (why: "expired" | "ended" | "failed") => void;
  readonly onState?: (state: WatchState) => void;
  /** Called after each failed try to list or watch. */
  readonly onFailure?: (error: unknown) => void;
}

/** `connecting`: listing, or between two watches; changes are not heard of. */
export type WatchState = "connecting" | "open" | "ended";

/** How far the store follows the collection. */
interface Position {
  /** Where the next watch continues from; `undefined`: list first. */
  from: string | undefined;
  /** The newest version ever reached. */
  reached: string | undefined;
}

/** A watch that ends sooner than this ends for a reason, even when the server does not say so. */
const SHORT_MS = 1000;

/** Keeps the store in sync with the server until aborted: list, watch, and again whenever that ends. Never rejects. */
export async function runReflector<T extends KubeObject>(
  options: ReflectorOptions<T>,
  signal: AbortSignal,
): Promise<void> {
  const backoff = createBackoff(options.random);
  const position: Position = { from: undefined, reached: undefined };
  while (!signal.aborted) {
    options.onState?.("connecting");
    await pause(options, await listAndWatch(options, position, backoff, signal), signal);
  }
  options.onState?.("ended");
}

interface Pause {
  /** In milliseconds. */
  readonly ms: number;
  /** Nobody answered, so that it is over soon after somebody does. */
  readonly isOutage?: boolean;
}

/** Resolves with the pause before the next one. */
async function listAndWatch<T extends KubeObject>(
  options: ReflectorOptions<T>,
  position: Position,
  backoff: Backoff,
  signal: AbortSignal,
): Promise<Pause> {
  const startedAt = performance.now();
  let from: string | undefined;
  try {
    if (position.from === undefined && options.watchPath === undefined) await list(options, position, signal);
    from = position.from;
    const watchedAt = performance.now();
    await watch(options, position, signal);
    options.onRestart?.("ended");
    return { ms: performance.now() - watchedAt > SHORT_MS ? 0 : backoff.next(performance.now() - startedAt) };
  } catch (error) {
    const isStuck = isMalformed(error) && from === position.from;
    if (isStuck || mustListAfter(error)) position.from = undefined;
    tell(options, error, signal);
    const retryAfterMs = error instanceof KubeError ? error.retryAfterMs : undefined;
    return { ms: backoff.next(performance.now() - startedAt, retryAfterMs), isOutage: isOutage(error) };
  }
}

/** Answers of those in between, and of a server that has too many requests: it said nothing about the version. */
const SAYS_NOTHING_OF_VERSION: ReadonlySet<number> = new Set([0, 429, 502, 503]);

/** Refused, so that continuing from the same version may be refused forever: too old, or newer than a restored database. */
const mustListAfter = (error: unknown): boolean =>
  isGone(error) || (error instanceof KubeError && !SAYS_NOTHING_OF_VERSION.has(error.code));

/** The API server, or what stands in between, was not there. */
const isOutage = (error: unknown): boolean =>
  error instanceof KubeError && (error.reason === "Unreachable" || error.code === 502 || error.code === 503);

const isMalformed = (error: unknown): boolean => error instanceof KubeError && error.reason === "Malformed";

function tell<T extends KubeObject>(options: ReflectorOptions<T>, error: unknown, signal: AbortSignal): void {
  const { onRestart, log, path } = options;
  const isExpired = isGone(error);
  onRestart?.(isExpired ? "expired" : "failed");
  if (signal.aborted) return;
  options.onFailure?.(error);
  if (isExpired) log.debug({ path }, "watch expired, listing again");
  else log.warn({ path, error }, "watch failed, trying again");
}

async function list<T extends KubeObject>(
  options: ReflectorOptions<T>,
  position: Position,
  signal: AbortSignal,
): Promise<void> {
  const { items, version } = await listAll<T>(listingOf(options), signal);
  // Versions only ever go back when the server's database was restored: then what is known counts for nothing.
  const wentBack = position.reached !== undefined && isBefore(version, position.reached) === true;
  options.store.replaceAll(items, wentBack ? undefined : version);
  position.from = version;
  position.reached = version;
}

const listingOf = <T extends KubeObject>(options: ReflectorOptions<T>): ListingOptions => {
  const { connection, path, isMetadataOnly = false, pageSize = 500 } = options;
  return { connection, path, isMetadataOnly, pageSize };
};

async function watch<T extends KubeObject>(
  options: ReflectorOptions<T>,
  position: Position,
  signal: AbortSignal,
): Promise<void> {
  const { connection, isMetadataOnly = false, random, silenceMs = 150_000, store, watchPath, path, onState } = options;
  const { from } = position;
  await readWatch(
    {
      connection,
      request: {
        path: watchPath ?? path,
        query: {
          watch: "true",
          allowWatchBookmarks: "true",
          ...(from === undefined ? {} : { resourceVersion: from }),
          timeoutSeconds: String(300 + Math.floor(random() * 300)),
        },
        accept: isMetadataOnly ? METADATA_OBJECT : JSON_OBJECT,
      },
      silenceMs,
      onOpen: async () => {
        // One object has no version to continue from: it is read once its watch is open, so that no change is missed.
        if (watchPath !== undefined) store.replaceAll(await existing(options, signal));
        onState?.("open");
      },
      onEvent: (event) => {
        apply(store, event as WatchEvent<T>);
        if (watchPath !== undefined) return;
        position.from = event.object.metadata.resourceVersion;
        position.reached = position.from;
      },
    },
    signal,
  );
}

async function existing<T extends KubeObject>(
  options: ReflectorOptions<T>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const object = await readOne<T>(listingOf(options), signal);
  return object === undefined ? [] : [object];
}

function apply<T extends KubeObject>(store: StoreWriter<T>, { type, object }: WatchEvent<T>): void {
  if (type === "DELETED") store.remove(object);
  else if (type !== "BOOKMARK") store.put(object);
}

/** Even while others are answered, a watch that is not tries no more often than about once in so many milliseconds. */
const SHORTEST_PAUSE_MS = 800;

async function pause<T extends KubeObject>(
  { connection, random }: ReflectorOptions<T>,
  { ms, isOutage: mayEndEarly = false }: Pause,
  signal: AbortSignal,
): Promise<void> {
  const rest = ms - SHORTEST_PAUSE_MS * 2;
  if (!mayEndEarly || rest <= 0) return sleep(ms, signal);
  const answered = connection.answered();
  await sleep(SHORTEST_PAUSE_MS, signal);
  const over = new AbortController();
  await Promise.race([sleep(rest, AbortSignal.any([signal, over.signal])), answered]);
  over.abort();
  // All watches of all replicas hear of it together.
  await sleep(SHORTEST_PAUSE_MS * random(), signal);
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
}
