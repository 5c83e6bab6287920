import { setTimeout as delay } from "node:timers/promises";
import { KubeError, isNotFound } from "./kube-error.ts";
import type { Connection } from "./connection.ts";

export interface LeaseOptions {
  readonly connection: Connection;
  readonly namespace: string;
  readonly name: string;
  /** Who we are; unique per process. */
  readonly identity: string;
  readonly durationMs?: number;
  readonly renewDeadlineMs?: number;
  readonly retryMs?: number;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

export interface HeldLease {
  /** Aborted when the lease is lost: stop writing at once. */
  readonly lost: AbortSignal;
  /** Milliseconds since the last renewal that succeeded. */
  sinceRenewalMs(): number;
  /** Gives the lease away. Only after all work has ended. */
  release(): Promise<void>;
}

interface Lease {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** Waits until this process holds the lease; `undefined` when aborted first. */
export async function acquireLease(options: LeaseOptions, signal: AbortSignal): Promise<HeldLease | undefined> {
  const { durationMs = 15_000, retryMs = 2000 } = options;
  let observed = { record: "", at: 0 };
  while (!signal.aborted) {
    try {
      const lease = await readOrCreate(options);
      const record = JSON.stringify(lease.spec);
      // Only our own clock counts: how long the record has stood still since we first saw it.
      if (record !== observed.record) observed = { record, at: performance.now() };
      const isFree = (lease.spec.holderIdentity ?? "") === "" || lease.spec.holderIdentity === options.identity;
      const isExpired = performance.now() - observed.at > (lease.spec.leaseDurationSeconds ?? durationMs / 1000) * 1000;
      if (isFree || isExpired) {
        await write(options, lease, { isTakeover: lease.spec.holderIdentity !== options.identity });
        options.log.info({ lease: options.name }, "lease acquired");
        return hold(options);
      }
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
    }
    await delay(retryMs, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

function hold(options: LeaseOptions): HeldLease {
  const { renewDeadlineMs = 10_000, retryMs = 2000 } = options;
  const lost = new AbortController();
  const stop = new AbortController();
  let renewedAt = performance.now();
  const renewing = (async () => {
    while (!stop.signal.aborted) {
      await delay(retryMs, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted) return;
      const outcome = await renew(options);
      if (outcome === "renewed") renewedAt = performance.now();
      else if (outcome === "taken" || performance.now() - renewedAt > renewDeadlineMs) {
        options.log.warn({ lease: options.name, outcome }, "lease lost");
        lost.abort();
        return;
      }
    }
  })();
  return {
    lost: lost.signal,
    sinceRenewalMs: () => performance.now() - renewedAt,
    release: async () => {
      stop.abort();
      await renewing;
      if (!lost.signal.aborted) await giveAway(options);
    },
  };
}

async function renew(options: LeaseOptions): Promise<"renewed" | "taken" | "failed"> {
  try {
    const lease = await readOrCreate(options);
    if (lease.spec.holderIdentity !== options.identity) return "taken";
    await write(options, lease, { isTakeover: false });
    return "renewed";
  } catch (error) {
    if (error instanceof KubeError) return "failed";
    throw error;
  }
}

const collection = ({ namespace }: LeaseOptions): string =>
  `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

const LANE = { lane: "lease", timeoutMs: 5000 } as const;

async function readOrCreate(options: LeaseOptions): Promise<Lease> {
  const path = `${collection(options)}/${options.name}`;
  try {
    return await options.connection.request<Lease>({ method: "GET", path, ...LANE });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const body = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { namespace: options.namespace, name: options.name },
      spec: {},
    };
    return options.connection.request<Lease>({ method: "POST", path: collection(options), body, ...LANE });
  }
}

/** The resource version makes a race end with one winner. */
async function write(
  options: LeaseOptions,
  lease: Lease,
  { isTakeover }: { readonly isTakeover: boolean },
): Promise<void> {
  const { identity, durationMs = 15_000 } = options;
  const now = microTime(new Date());
  await put(options, lease, {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    acquireTime: isTakeover ? now : (lease.spec.acquireTime ?? now),
    renewTime: now,
    leaseTransitions: (lease.spec.leaseTransitions ?? 0) + (isTakeover ? 1 : 0),
  });
}

async function giveAway(options: LeaseOptions): Promise<void> {
  try {
    const lease = await readOrCreate(options);
    if (lease.spec.holderIdentity === options.identity)
      await put(options, lease, { ...lease.spec, holderIdentity: "" });
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
  }
}

async function put(options: LeaseOptions, lease: Lease, spec: Lease["spec"]): Promise<void> {
  const { namespace, name } = options;
  const { resourceVersion } = lease.metadata;
  await options.connection.request({
    method: "PUT",
    path: `${collection(options)}/${name}`,
    body: { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name, resourceVersion }, spec },
    ...LANE,
  });
}

/** The API server insists on six digits of a fraction. */
export function microTime(at: Date): string {
  return at.toISOString().replace("Z", "000Z");
}
