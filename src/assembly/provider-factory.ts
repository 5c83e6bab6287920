import type { Config } from "../config.ts";
import { runInScope, type WorkScope } from "../work/scope.ts";
import type { Clock } from "../ports/clock.ts";
import type { ProviderFactory, TenantSettings } from "../ports/provider-factory.ts";
import { ProviderError } from "../ports/provider-error.ts";
import { PROVIDERS } from "../providers/by-name.ts";
import type { ProviderDeclaration, ProviderModule } from "../providers/declaration.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { createGovernor, type Governor } from "../tenant/governor.ts";
import { createTransport } from "../transport/transport.ts";

export interface FactoryParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly fingerprint: (value: string) => string;
  /** Tells whoever operates this what was left out. */
  readonly warn: (message: string, about: Readonly<Record<string, string>>) => void;
}

export interface GovernedFactory extends ProviderFactory {
  /** One for each credential at a tenant. */
  governors(): readonly { readonly tenant: string; readonly governor: Governor }[];
}

/** Work of nobody's pass: it has no deadline and ends with its provider. */
const BACKGROUND: WorkScope = { workClass: "resync", namespace: "", signal: new AbortController().signal };

/** Brings a vendor's adapter, a transport and a governor together. */
export function createProviderFactory(parts: FactoryParts): GovernedFactory {
  const governors = new Map<string, { readonly tenant: string; readonly governor: Governor }>();
  const declarationOf = ({ vendor }: TenantSettings): ProviderDeclaration => {
    const declaration = PROVIDERS[vendor];
    if (declaration === undefined) throw new ProviderError("unsupported", `There is no provider called ${vendor}.`);
    return declaration;
  };
  const moduleOf = async (settings: TenantSettings): Promise<ProviderModule> => declarationOf(settings).load();
  const tenantOf = (settings: TenantSettings): string => declarationOf(settings).tenantOf(settings.variant);
  /**
   * Shared by provider objects that were given the same credential. One without it cannot join, and so cannot slow
   * others down by configuring a low rate.
   */
  const governorFor = (
    module: ProviderModule,
    settings: TenantSettings,
    credentials: Readonly<Record<string, string>>,
  ): Governor => {
    const key = parts.fingerprint(JSON.stringify([tenantOf(settings), credentials]));
    const share = settings.rateLimit?.sharePercent ?? module.DEFAULT_SHARE_PERCENT;
    const limits = module.limitsOf(settings.rateLimit);
    const governor = governors.get(key)?.governor ?? createGovernor(parts.clock, limits, share);
    governor.configure(limits, share);
    governors.set(key, { tenant: tenantOf(settings), governor });
    return governor;
  };
  return {
    governors: () => [...governors.values()],
    problemOf: async (settings, credentials) => (await moduleOf(settings)).problemOf(credentials),
    connect: async (settings, credentials) => {
      const module = await moduleOf(settings);
      const { config, clock, metrics, fingerprint } = parts;
      const tenant = tenantOf(settings);
      const governor = governorFor(module, settings, credentials);
      const transport = createTransport({
        allowedHosts: [...declarationOf(settings).hosts, ...config.allowedHosts],
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
          metrics.providerRequests.inc({ tenant, method, code: String(status) });
          metrics.providerSeconds.observe({ tenant, method }, seconds);
        },
      });
      const provider = module.createProvider(settings.variant, credentials, {
        fetch: transport.fetch,
        clock,
        timeoutMs: config.providerTimeoutMs,
        settleMs: config.settleMs,
        allowedPerSecond: (bucket) =>
          governor.stats().buckets.find(({ name }) => name === bucket)?.ratePerSecond ?? Number.POSITIVE_INFINITY,
        inBackground: (begin) => void runInScope(BACKGROUND, () => Promise.resolve().then(begin)),
        isReadOnly: settings.isReadOnly,
        fingerprint,
        warn: (message, about) => {
          parts.warn(message, { tenant, ...about });
        },
      });
      return {
        ...provider,
        close: () => {
          provider.close();
          void transport.close();
        },
      };
    },
  };
}
