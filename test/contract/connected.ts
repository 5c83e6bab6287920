import { createHmac } from "node:crypto";
import type { Sandbox } from "../../sandbox/start.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Fetch } from "../../src/ports/http-transport.ts";
import type { Provider } from "../../src/ports/provider.ts";
import { PROVIDERS } from "../../src/providers/by-name.ts";
import type { ProviderDependencies } from "../../src/providers/dependencies.ts";
import { createGovernor } from "../../src/tenant/governor.ts";
import { createTransport } from "../../src/transport/transport.ts";

export const clock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  random: () => 0.5,
};

/** The way out to the simulated tenants. `unpaced`: without the vendor's limits, for tests of many quick requests. */
export async function transportTo(
  vendor: string,
  { caPem, auth0 }: Sandbox,
  pace: "paced" | "unpaced" = "paced",
  timeoutMs = 2000,
): Promise<Fetch> {
  // Both tenants are one server.
  return transportBy(vendor, { caPem, hosts: [auth0.domain], pace, timeoutMs });
}

export interface Destination {
  readonly caPem: string;
  readonly hosts: readonly string[];
  /** Default: paced. */
  readonly pace?: "paced" | "unpaced";
  /** Default: 30 s, for servers that share the machine with other tests. */
  readonly timeoutMs?: number;
}

/** The way out to any server of this machine. */
export async function transportBy(
  vendor: string,
  { caPem, hosts, pace = "paced", timeoutMs = 30_000 }: Destination,
): Promise<Fetch> {
  const module = await moduleOf(vendor);
  const limits = module.limitsOf({ requestsPerMinute: 60_000, burst: 2000 });
  const { fetch } = createTransport({
    allowedHosts: hosts,
    allowPrivateAddresses: true,
    caBundle: caPem,
    governor: createGovernor(clock, limits, 100),
    bucketsOf: (method, url) => (pace === "paced" ? module.bucketsOf(method, url) : []),
    clock,
    timeoutMs,
    maxBytes: 2 * 1024 * 1024,
  });
  return fetch;
}

async function moduleOf(vendor: string) {
  const module = await PROVIDERS[vendor]?.load();
  if (module === undefined) throw new Error(`${vendor} is not registered`);
  return module;
}

/** A provider's real adapter on real requests to its simulated tenant. */
export async function connected(
  vendor: string,
  sandbox: Sandbox,
  variant: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, string>>,
  {
    warn,
    fetch,
    timeoutMs = 2000,
  }: { readonly warn?: ProviderDependencies["warn"]; readonly fetch?: Fetch; readonly timeoutMs?: number } = {},
): Promise<Provider> {
  return connectedBy(vendor, variant, credentials, {
    timeoutMs,
    fetch: fetch ?? (await transportTo(vendor, sandbox, "paced", timeoutMs)),
    ...(warn === undefined ? {} : { warn }),
  });
}

/** A provider's real adapter on this way out. */
export async function connectedBy(
  vendor: string,
  variant: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, string>>,
  dependencies: Pick<ProviderDependencies, "fetch"> &
    Partial<Pick<ProviderDependencies, "warn" | "isReadOnly" | "readServiceAccountToken" | "timeoutMs">>,
): Promise<Provider> {
  const module = await moduleOf(vendor);
  return module.createProvider(variant, credentials, {
    ...{ clock, timeoutMs: 2000, settleMs: 300, isReadOnly: false },
    allowedPerSecond: () => 1000,
    inBackground: (begin) => {
      begin();
    },
    warn: () => undefined,
    ...dependencies,
    fingerprint: (value) => createHmac("sha256", "test").update(value).digest("hex"),
  });
}
