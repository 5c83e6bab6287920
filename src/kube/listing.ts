import type { Connection } from "./connection.ts";
import { isGone, isNotFound, KubeError } from "./kube-error.ts";
import type { KubeObject } from "./store.ts";
import { isKubeObject } from "./watch-stream.ts";

export interface ListingOptions {
  readonly connection: Connection;
  readonly path: string;
  /** Ask for metadata alone. */
  readonly isMetadataOnly: boolean;
  /** Objects per request. */
  readonly pageSize: number;
}

export interface Listing<T> {
  readonly items: readonly T[];
  /** What the listing shows: everything up to this version of the collection. */
  readonly version: string;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly version: string;
  readonly next: string | undefined;
}

const METADATA_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
export const METADATA_OBJECT = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
export const JSON_OBJECT = "application/json";

/**
 * Reads page by page from etcd: from the server's cache it would come as one page whatever the limit. When the version
 * of the pages expires meanwhile, reads everything at once. Rejects with a KubeError.
 */
export async function listAll<T extends KubeObject>(options: ListingOptions, signal: AbortSignal): Promise<Listing<T>> {
  try {
    return await readPages(options, options.pageSize, signal);
  } catch (error) {
    if (!(error instanceof ContinuationExpired)) throw error;
    return readPages(options, undefined, signal);
  }
}

/** `undefined` when there is no such object. */
export async function readOne<T extends KubeObject>(
  { connection, path, isMetadataOnly }: ListingOptions,
  signal: AbortSignal,
): Promise<T | undefined> {
  const accept = isMetadataOnly ? METADATA_OBJECT : JSON_OBJECT;
  try {
    const object = await connection.request<T>({ method: "GET", path, accept, signal });
    if (!isKubeObject(object)) throw malformed(path);
    return object;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

class ContinuationExpired extends Error {}

async function readPages<T extends KubeObject>(
  options: ListingOptions,
  pageSize: number | undefined,
  signal: AbortSignal,
): Promise<Listing<T>> {
  const items: T[] = [];
  let next: string | undefined;
  for (;;) {
    const page: Page<T> = await readPage<T>(options, pageSize, next, signal).catch((error: unknown) => {
      throw next !== undefined && isGone(error) ? new ContinuationExpired() : error;
    });
    for (const item of page.items) items.push(item);
    next = page.next;
    if (next === undefined) return { items, version: page.version };
  }
}

async function readPage<T extends KubeObject>(
  { connection, path, isMetadataOnly }: ListingOptions,
  pageSize: number | undefined,
  next: string | undefined,
  signal: AbortSignal,
): Promise<Page<T>> {
  const body = await connection.request<object>({
    method: "GET",
    path,
    query: {
      ...(pageSize === undefined ? {} : { limit: String(pageSize) }),
      ...(next === undefined ? {} : { continue: next }),
    },
    accept: isMetadataOnly ? METADATA_LIST : JSON_OBJECT,
    timeoutMs: 60_000,
    signal,
  });
  return pageOf<T>(body, path);
}

/** What is no list must never be taken for an empty one. */
function pageOf<T extends KubeObject>(body: object, path: string): Page<T> {
  const { metadata, items } = body as {
    readonly metadata?: { readonly resourceVersion?: unknown; readonly continue?: unknown };
    readonly items?: unknown;
  };
  const version = metadata?.resourceVersion;
  // An empty list of metadata comes as null.
  const all: unknown = items === null ? [] : items;
  if (typeof version !== "string" || !Array.isArray(all) || !all.every(isKubeObject)) throw malformed(path);
  const next = metadata?.continue;
  return {
    items: all as unknown as readonly T[],
    version,
    next: typeof next === "string" && next !== "" ? next : undefined,
  };
}

const malformed = (path: string): KubeError =>
  new KubeError(0, "Malformed", `GET ${path}: the answer is not of its kind`);
