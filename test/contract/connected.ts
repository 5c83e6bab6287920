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
  const module = await moduleOf(vendor);
  const limits = module.limitsOf({ requestsPerMinute: 60_000, burst: 2000 });
  const { fetch } = createTransport({
    // Both tenants are one server.
    allowedHosts: [auth0.domain],
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
    warn = () => undefined,
    fetch,
    timeoutMs = 2000,
  }: { readonly warn?: ProviderDependencies["warn"]; readonly fetch?: Fetch; readonly timeoutMs?: number } = {},
): Promise<Provider> {
  const module = await moduleOf(vendor);
  return module.createProvider(variant, credentials, {
    fetch: fetch ?? (await transportTo(vendor, sandbox, "paced", timeoutMs)),
    ...{ clock, timeoutMs, settleMs: 300, isReadOnly: false },
    allowedPerSecond: () => 1000,
    inBackground: (begin) => {
      begin();
    },
    warn,
    fingerprint: (value) => createHmac("sha256", "test").update(value).digest("hex"),
  });
}
