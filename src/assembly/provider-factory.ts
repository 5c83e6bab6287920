import type { Config } from "../config.ts";
import type { Clock } from "../ports/clock.ts";
import type { ProviderFactory, TenantSettings } from "../ports/provider-factory.ts";
import { ProviderError } from "../ports/provider-error.ts";
import type { ProviderDependencies } from "../providers/dependencies.ts";
import { type ProviderModule, PROVIDERS } from "../providers/registry.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Governor } from "../tenant/governor.ts";
import { DEFAULT_HOSTS } from "../transport/host-allow-list.ts";
import { createTransport, type Transport } from "../transport/transport.ts";
import { runInScope, type WorkScope } from "../work/scope.ts";
import { createGovernors } from "./governors.ts";
import { createTenantMetrics, type TenantMetrics } from "./tenant-metrics.ts";

export interface FactoryParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly fingerprint: (value: string) => string;
}

export interface GovernedFactory extends ProviderFactory {
  /** One for each credential that a connection uses. */
  governors(): readonly { readonly tenant: string; readonly governor: Governor }[];
}

/** For people and metrics: what the spec calls the tenant. */
const tenantOf = ({ variant }: TenantSettings): string => {
  const name = variant["domain"] ?? variant["orgUrl"];
  return typeof name === "string" ? name.replace(/^https:\/\//, "") : "unknown";
};

/** Requests that belong to nobody's pass: they have no deadline and end with their provider. */
const BACKGROUND: WorkScope = { workClass: "resync", namespace: "", signal: new AbortController().signal };

/** Brings a vendor's adapter, a transport and a governor together. */
export function createProviderFactory(parts: FactoryParts): GovernedFactory {
  const tenantMetrics = createTenantMetrics(parts.metrics);
  const governors = createGovernors(parts.clock, (tenant) => {
    tenantMetrics.forget(tenant);
  });
  const moduleOf = async ({ vendor }: TenantSettings): Promise<ProviderModule> => {
    const load = PROVIDERS[vendor];
    if (load === undefined) throw new ProviderError("unsupported", `There is no provider called ${vendor}.`);
    return load();
  };
  return {
    governors: () => governors.list(),
    problemOf: async (settings, credentials) => (await moduleOf(settings)).problemOf(credentials),
    connect: async (settings, credentials) => {
      const module = await moduleOf(settings);
      const tenant = tenantOf(settings);
      const { governor, release } = governors.take({
        tenant,
        credential: parts.fingerprint(JSON.stringify([tenant, credentials])),
        limits: module.limitsOf(settings.rateLimit),
        share: settings.rateLimit?.sharePercent ?? module.DEFAULT_SHARE_PERCENT,
      });
      const transport = transportTo({ parts, settings, module, governor, observe: tenantMetrics.observe });
      const close = (): void => {
        void transport.close();
        release();
      };
      try {
        const dependencies = dependenciesOf(parts, settings, governor, transport);
        const provider = module.createProvider(settings.variant, credentials, dependencies);
        return {
          ...provider,
          close: () => {
            provider.close();
            close();
          },
        };
      } catch (error) {
        close();
        throw error;
      }
    },
  };
}

interface Route {
  readonly parts: FactoryParts;
  readonly settings: TenantSettings;
  readonly module: ProviderModule;
  readonly governor: Governor;
  readonly observe: TenantMetrics["observe"];
}

function transportTo({ parts: { config, clock }, settings, module, governor, observe }: Route): Transport {
  const tenant = tenantOf(settings);
  return createTransport({
    allowedHosts: [...DEFAULT_HOSTS, ...config.allowedHosts],
    allowPrivateAddresses: config.allowPrivateAddresses,
    ...(settings.caBundle === undefined ? {} : { caBundle: settings.caBundle }),
    ...(config.httpsProxy === undefined ? {} : { httpsProxy: config.httpsProxy }),
    ...(config.noProxy === undefined ? {} : { noProxy: config.noProxy }),
    governor,
    bucketsOf: (method, url) => module.bucketsOf(method, url),
    isPerClientQuota: (headers) => module.isPerClientQuota(headers),
    clock,
    timeoutMs: config.providerTimeoutMs,
    onExchange: ({ method, status, seconds }) => {
      observe({ tenant, method, status, seconds });
    },
  });
}

function dependenciesOf(
  { config, clock, fingerprint }: FactoryParts,
  { isReadOnly }: TenantSettings,
  governor: Governor,
  { fetch }: Transport,
): ProviderDependencies {
  return {
    fetch,
    clock,
    timeoutMs: config.providerTimeoutMs,
    settleMs: config.settleMs,
    allowedPerSecond: (bucket) =>
      governor.stats().buckets.find(({ name }) => name === bucket)?.ratePerSecond ?? Number.POSITIVE_INFINITY,
    inBackground: (begin) => void runInScope(BACKGROUND, () => Promise.resolve().then(begin)),
    isReadOnly,
    fingerprint,
  };
}
