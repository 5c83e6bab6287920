import type { Connection, KubeRequest } from "./connection.ts";
import { isNotFound, KubeError } from "./kube-error.ts";
import type { LeaseHolder } from "./lease-timing.ts";

export interface Lease {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
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

/** `timeoutMs` is the longest one request may take. What is written carries `labels` beside those that it has. */
export function createLeaseClient(
  connection: Connection,
  { namespace, name, labels }: Pick<Lease["metadata"], "namespace" | "name" | "labels">,
  timeoutMs: number,
): LeaseClient {
  const collection = collectionOf(namespace);
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
      const metadata = lease?.metadata ?? { namespace, name };
      const body = {
        ...lease,
        metadata: labels === undefined ? metadata : { ...metadata, labels: { ...metadata.labels, ...labels } },
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        spec,
      };
      if (lease === undefined) return send({ method: "POST", path: collection, body, signal });
      return send({ method: "PUT", path, body, signal });
    },
  };
}

const collectionOf = (namespace: string): string => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

/**
 * The Leases with these labels, as they are when the API server has the request. Rejects with a KubeError. `timeoutMs` is
 * the longest it may take.
 */
export async function listLeases(
  connection: Connection,
  { namespace, labels }: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly Lease[]> {
  const path = collectionOf(namespace);
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const request = { method: "GET", path, query: { labelSelector }, lane: "lease", timeoutMs, signal } as const;
  const { items } = await connection.request<{ readonly items?: readonly Lease[] }>(request);
  if (!Array.isArray(items)) throw new KubeError(0, "Malformed", `GET ${path}: the answer is no list of Leases`);
  return items as readonly Lease[];
}

/** Deletes a Lease as it was read: it stays when somebody wrote it since. Rejects with a KubeError. */
export async function removeLease(
  connection: Connection,
  { metadata: { namespace, name, resourceVersion } }: Lease,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const path = `${collectionOf(namespace)}/${name}`;
  const preconditions = resourceVersion === undefined ? {} : { preconditions: { resourceVersion } };
  try {
    await connection.request({ method: "DELETE", path, body: preconditions, lane: "lease", timeoutMs, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The API server insists on six digits of a fraction. */
export function microTime(at: Date): string {
  return at.toISOString().replace("Z", "000Z");
}
