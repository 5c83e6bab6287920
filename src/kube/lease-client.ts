import type { Connection, KubeRequest } from "./connection.ts";
import { isNotFound, KubeError } from "./kube-error.ts";
import type { LeaseHolder } from "./lease-timing.ts";

export interface Lease {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion?: string };
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec extends LeaseHolder {
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** One Lease at the API server. Everything rejects with a KubeError. */
export interface LeaseClient {
  /** `undefined` when there is none. */
  read(signal: AbortSignal): Promise<Lease | undefined>;
  /** Writes `spec` unless somebody wrote since `lease` was read: then it rejects with a 409. `undefined`: creates it. */
  write(lease: Lease | undefined, spec: LeaseSpec, signal: AbortSignal): Promise<Lease>;
}

/** `timeoutMs` is the longest one request may take. */
export function createLeaseClient(
  connection: Connection,
  { namespace, name }: Lease["metadata"],
  timeoutMs: number,
): LeaseClient {
  const collection = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const path = `${collection}/${name}`;
  const send = async (request: KubeRequest): Promise<Lease> => {
    const lease = await connection.request<Partial<Lease>>({ ...request, lane: "lease", timeoutMs });
    if (lease.metadata?.resourceVersion === undefined)
      throw new KubeError(0, "Malformed", `${request.method} ${request.path}: the answer is no Lease`);
    return { ...lease, metadata: lease.metadata };
  };
  return {
    read: async (signal) => {
      try {
        return await send({ method: "GET", path, signal });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    write: (lease, spec, signal) => {
      const body = {
        ...(lease ?? { metadata: { namespace, name } }),
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        spec,
      };
      if (lease === undefined) return send({ method: "POST", path: collection, body, signal });
      return send({ method: "PUT", path, body, signal });
    },
  };
}

/** The API server insists on six digits of a fraction. */
export function microTime(at: Date): string {
  return at.toISOString().replace("Z", "000Z");
}
