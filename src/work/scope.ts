import { AsyncLocalStorage } from "node:async_hooks";
import type { WorkClass } from "./order.ts";

/** For whom a request is made. Travels beneath the SDKs, whose calls have no place for it. */
export interface WorkScope {
  readonly workClass: WorkClass;
  readonly namespace: string;
  /** Text of the key of the object whose pass this is; absent for work that is no pass. */
  readonly key?: string;
  /** Since when the work waits, in milliseconds of the monotonic clock; absent for work that nobody queued. */
  readonly since?: number;
  readonly signal: AbortSignal;
  /** Aborted when the process is about to end: a request goes at once or not at all. Absent: it waits for its turn. */
  readonly leaving?: AbortSignal;
}

const storage = new AsyncLocalStorage<WorkScope>();

export function runInScope<T>(scope: WorkScope, work: () => Promise<T>): Promise<T> {
  return storage.run(scope, work);
}

/** `undefined` outside any work, such as a read that several objects wait for. */
export function currentScope(): WorkScope | undefined {
  return storage.getStore();
}
