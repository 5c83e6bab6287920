import { createHmac, randomBytes } from "node:crypto";
import { createProviderFactory } from "../../src/assembly/provider-factory.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { ProviderFactory } from "../../src/ports/provider-factory.ts";

/** Where the plugin may send the credential of a provider object, beside the vendor's own cloud. */
export interface Reach {
  readonly allowedHosts: readonly string[];
  readonly allowPrivateAddresses: boolean;
}

const TIMEOUT_MS = 20_000;
/** The operator reads smaller pages instead. The plugin reads a tenant once. */
const MAX_ANSWER_BYTES = 16_777_216;

/** The operator's own way to a tenant: the same adapters, limits, hosts and certificates. */
export function tenantFactory(reach: Reach, env: NodeJS.ProcessEnv, warn: (message: string) => void): ProviderFactory {
  const httpsProxy = env["HTTPS_PROXY"] ?? env["https_proxy"];
  const noProxy = env["NO_PROXY"] ?? env["no_proxy"];
  const key = randomBytes(32);
  return createProviderFactory({
    config: {
      ...{ ...reach, allowedHosts: [...reach.allowedHosts], httpsProxy, noProxy },
      ...{ providerTimeoutMs: TIMEOUT_MS, maxAnswerBytes: MAX_ANSWER_BYTES, settleMs: 0 },
    },
    clock: systemClock,
    exchanges: { observe: () => undefined, forget: () => undefined },
    fingerprint: (value) => createHmac("sha256", key).update(value).digest("hex"),
    leaving: new AbortController().signal,
    mayCall: () => true,
    warn: (message, about) => {
      warn(`${message}: ${Object.values(about).join(": ")}`);
    },
  });
}

const timers = new Set<NodeJS.Timeout>();

const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after: (ms, fn) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      fn();
    }, ms);
    timers.add(timer);
    return () => {
      timers.delete(timer);
      clearTimeout(timer);
    };
  },
  random: () => Math.random(),
};

/** Once a tenant was read: what a closed connection still wants to forget later keeps the process no longer. */
export function releaseTimers(): void {
  for (const timer of timers) timer.unref();
}
