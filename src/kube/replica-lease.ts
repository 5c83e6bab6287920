import type { Connection } from "./connection.ts";
import { tellOnce } from "./held-lease.ts";
import { KubeError } from "./kube-error.ts";
import { createLeaseClient, type Lease, microTime, removeLease } from "./lease-client.ts";

export interface ReplicaLeaseOptions {
  readonly connection: Connection;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly labels: Readonly<Record<string, string>>;
  /** How long others count this replica as alive after it was seen last. */
  readonly durationMs: number;
  readonly timeoutMs: number;
  readonly log: { warn(fields: object, message: string): void };
}

/** Says that this replica is alive. Nobody but itself holds its Lease, and no work depends on it. */
export interface ReplicaLease {
  /** Renews it, or creates it. Never rejects: what failed is tried the next time. */
  beat(signal: AbortSignal): Promise<void>;
  /** Deletes it, so that others acquire what it held. Never rejects. */
  end(): Promise<void>;
}

export function createReplicaLease(options: ReplicaLeaseOptions): ReplicaLease {
  const { connection, namespace, name, identity, labels, durationMs, timeoutMs, log } = options;
  const client = createLeaseClient(connection, { namespace, name, labels }, timeoutMs);
  const tell = tellOnce({ log: { ...log, info: () => undefined }, name });
  let lease: Lease | undefined;
  let isOver = false;
  return {
    beat: async (signal) => {
      if (isOver) return;
      const spec = {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(durationMs / 1000),
        renewTime: microTime(new Date()),
      };
      try {
        lease = await client.write(lease, spec, signal);
      } catch (error) {
        if (!signal.aborted) tell(error);
        // Somebody wrote or deleted it.
        if (error instanceof KubeError && error.code !== 0) lease = await client.read(signal).catch(() => undefined);
      }
    },
    end: async () => {
      isOver = true;
      if (lease === undefined) return;
      const newest = { ...lease, metadata: { namespace, name } };
      await removeLease(connection, newest, timeoutMs, AbortSignal.timeout(timeoutMs)).catch(() => undefined);
    },
  };
}
