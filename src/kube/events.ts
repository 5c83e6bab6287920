import { cutBytes } from "../ports/cut-text.ts";
import type { EventRecorder } from "../ports/cluster.ts";
import type { Resource } from "../ports/resource.ts";
import type { Connection } from "./connection.ts";
import { microTime } from "./lease-client.ts";

export interface EventOptions {
  readonly connection: Connection;
  readonly instance: string;
  readonly log: { debug(fields: object, message: string): void };
}

interface Series {
  readonly path: string;
  count: number;
  lastAt: number;
}

const CONTROLLER = "m2m-operator.io/m2m-operator";
/** Repeats within this time are folded into one event with a count. */
const FOLD_MS = 10 * 60_000;
/** Of events.k8s.io/v1, in bytes. */
const MAX_NOTE = 1024;
const MAX_SERIES = 5000;

/** Events of `events.k8s.io/v1`. A repeat raises the count of the first; a failure to write is ignored. */
export function createEventRecorder({ connection, instance, log }: EventOptions): EventRecorder {
  const series = new Map<string, Series | "creating">();
  const create = async (
    regarding: Resource,
    type: string,
    reason: string,
    note: string,
    key: string,
  ): Promise<void> => {
    const { namespace = "default", name } = regarding.metadata;
    const collection = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    const body = bodyOf(regarding, namespace, type, reason, note, instance);
    const made = await connection.request<{ metadata: { name: string } }>({ method: "POST", path: collection, body });
    // Its object is gone.
    if (!series.has(key)) return;
    series.set(key, { path: `${collection}/${made.metadata.name}`, count: 1, lastAt: performance.now() });
    log.debug({ reason, name }, "event");
  };
  const fold = async (known: Series): Promise<void> => {
    known.count += 1;
    known.lastAt = performance.now();
    await connection.request({
      method: "PATCH",
      path: known.path,
      contentType: "application/merge-patch+json",
      body: { series: { count: known.count, lastObservedTime: microTime(new Date()) } },
    });
  };
  return {
    record: (regarding, type, reason, note) => {
      const key = `${regarding.metadata.uid} ${reason} ${note}`;
      const known = series.get(key);
      if (known === "creating") return;
      const isRepeat = known !== undefined && performance.now() - known.lastAt < FOLD_MS;
      if (!isRepeat) series.set(key, "creating");
      const writing = isRepeat ? fold(known) : create(regarding, type, reason, cutBytes(note, MAX_NOTE), key);
      writing.catch((error: unknown) => {
        series.delete(key);
        log.debug({ reason, error }, "could not write an event");
      });
      forgetOldest(series);
    },
    forget: (uid) => {
      for (const key of series.keys()) if (key.startsWith(`${uid} `)) series.delete(key);
    },
  };
}

function bodyOf(
  regarding: Resource,
  namespace: string,
  type: string,
  reason: string,
  note: string,
  instance: string,
): object {
  const { name, uid } = regarding.metadata;
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { generateName: `${name.slice(0, 200)}-`, namespace },
    regarding: {
      apiVersion: regarding.apiVersion,
      kind: regarding.kind,
      name,
      namespace: regarding.metadata.namespace,
      uid,
    },
    type,
    reason,
    note,
    action: "Reconcile",
    reportingController: CONTROLLER,
    reportingInstance: cutBytes(instance, 128),
    eventTime: microTime(new Date()),
  };
}

function forgetOldest(series: Map<string, unknown>): void {
  const [oldest] = series.keys();
  if (series.size > MAX_SERIES && oldest !== undefined) series.delete(oldest);
}
