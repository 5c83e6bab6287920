import type { ProviderResource, ProviderSpec } from "../identity-provider/schema.ts";
import type { KindContext } from "../kind-context.ts";
import { providerObjectOf } from "../relations/dependents.ts";
import type { ProviderRef } from "../relations/provider-ref.ts";
import { durationMs } from "../schema/duration.ts";

type DriftSpec = Pick<ProviderSpec, "driftInterval">;

const DEFAULT_DRIFT_INTERVAL = "10m";

/** Every reconciliation needs it several times. A spec in the cache never changes in place, so the value stays valid. */
const known = new WeakMap<DriftSpec, number>();

/** How often the tenant is read, in milliseconds. */
export function driftIntervalMsOf(spec: DriftSpec): number {
  const intervalMs = known.get(spec) ?? durationMs(spec.driftInterval ?? DEFAULT_DRIFT_INTERVAL);
  known.set(spec, intervalMs);
  return intervalMs;
}

/** For how long Ready is kept while the tenant cannot be read, in milliseconds: three drift intervals. */
export function graceMsOf(spec: DriftSpec): number {
  return 3 * driftIntervalMsOf(spec);
}

/** What Ready may rest on while the tenant cannot be read. */
export interface Freshness {
  /** Start of the last read of the tenant that succeeded; `undefined` when this process never read it. */
  readonly lastReadAt: Date | undefined;
  /** For how long after it Ready is kept, in milliseconds. */
  readonly graceMs: number;
}

type Ports = Pick<KindContext, "connections">;

export function freshnessOf({ connections }: Ports, { metadata, spec }: ProviderResource): Freshness {
  return { lastReadAt: connections.lastReadAt(metadata.uid), graceMs: graceMsOf(spec) };
}

/** How fresh the knowledge about a resource is, by the provider that the resource refers to. */
export function freshnessFor(
  ports: Pick<KindContext, "connections" | "resources">,
  namespace: string | undefined,
  ref: ProviderRef | undefined,
): Freshness {
  const object = providerObjectOf(ports.resources, namespace ?? "", ref);
  return object === undefined ? { lastReadAt: undefined, graceMs: graceMsOf({}) } : freshnessOf(ports, object);
}
