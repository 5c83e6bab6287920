import type { Config } from "../config.ts";
import { SECRETS_KEPT_MS } from "../oauth/held-token.ts";
import { holdSecret } from "../oauth/known-secrets.ts";
import type { Clock } from "../ports/clock.ts";
import type { Provider } from "../ports/provider.ts";
import type { ProviderFactory, TenantSettings } from "../ports/provider-factory.ts";
import { ProviderError } from "../ports/provider-error.ts";
import type { ReadServiceAccountToken } from "../ports/service-account-token.ts";
import { PROVIDERS } from "../providers/by-name.ts";
import type { ProviderDeclaration, ProviderModule } from "../providers/declaration.ts";
import type { Governor } from "../tenant/governor.ts";
import { createTransport } from "../transport/transport.ts";
import { runInScope, type WorkScope } from "../work/scope.ts";
import { createGovernors } from "./governors.ts";
import type { TenantMetrics } from "./tenant-metrics.ts";

/** What a connection needs to know of the process's configuration. */
type ConnectionConfig = Pick<
  Config,
  | "allowedHosts"
  | "allowPrivateAddresses"
  | "httpsProxy"
  | "noProxy"
  | "providerTimeoutMs"
  | "maxAnswerBytes"
  | "settleMs"
>;

export interface FactoryParts {
  readonly config: ConnectionConfig;
  readonly clock: Clock;
  /** Called with every request. */
  readonly exchanges: TenantMetrics;
  readonly fingerprint: (value: string) => string;
  /** For provider objects that name no Secret. */
  readonly readServiceAccountToken: ReadServiceAccountToken;
  /** Aborted when the process is about to end. */
  readonly leaving: AbortSignal;
  /** Whether this process may send the tenant a request now. */
  readonly mayCall: (tenant: string) => boolean;
  /** Tells the people who operate this what was left out. */
  readonly warn: (message: string, about: Readonly<Record<string, string>>) => void;
}

export interface GovernedFactory extends ProviderFactory {
  /** One for each credential that a connection uses. */
  governors(): readonly { readonly tenant: string; readonly governor: Governor }[];
}

/** Requests that belong to no pass: they have no deadline and end with their provider. */
const BACKGROUND: WorkScope = { workClass: "resync", namespace: "", signal: new AbortController().signal };

/** Brings a vendor's adapter, a transport and a governor together. */
export function createProviderFactory(parts: FactoryParts): GovernedFactory {
  const { clock, exchanges } = parts;
  const governors = createGovernors(clock, (tenant) => {
    exchanges.forget(tenant);
  });
  const declarationOf = ({ vendor }: TenantSettings): ProviderDeclaration => {
    const declaration = PROVIDERS[vendor];
    if (declaration === undefined) throw new ProviderError("unsupported", `There is no provider called ${vendor}.`);
    return declaration;
  };
  const moduleOf = async (settings: TenantSettings): Promise<ProviderModule> => declarationOf(settings).load();
  return {
    governors: () => governors.list(),
    problemOf: async (settings, credentials) => (await moduleOf(settings)).problemOf(credentials),
    connect: async (settings, credentials) => {
      const module = await moduleOf(settings);
      assertTaken(settings, declarationOf(settings));
      const tenant = declarationOf(settings).tenantOf(settings.variant);
      const { governor, release } = governors.take({
        tenant,
        credential: parts.fingerprint(JSON.stringify([tenant, credentials])),
        limits: module.limitsOf(settings.rateLimit),
        share: settings.rateLimit?.sharePercent ?? module.DEFAULT_SHARE_PERCENT,
      });
      const forget = secretsHeld(credentials, module.PUBLIC_KEYS ?? []);
      const onClose = (): void => {
        release();
        clock.after(SECRETS_KEPT_MS, forget);
      };
      const ends = { tenant, governor, hosts: declarationOf(settings).hosts, onExchange: exchanges.observe };
      try {
        return providerOf(parts, module, settings, credentials, { ...ends, onClose });
      } catch (error) {
        onClose();
        throw error;
      }
    },
  };
}

/** The token is only read for a tenant whose provider takes it. */
function assertTaken({ usesServiceAccount }: TenantSettings, declaration: ProviderDeclaration): void {
  if (usesServiceAccount !== true || declaration.takesServiceAccountToken === true) return;
  const message = `${declaration.label} does not take the operator's service account token. Set spec.credentialsSecretRef.`;
  throw new ProviderError("unsupported", message);
}

/** The operator's own credential is masked in every text, as long as it is used. */
function secretsHeld(credentials: Readonly<Record<string, string>>, publicKeys: readonly string[]): () => void {
  const secrets = Object.entries(credentials).filter(([key]) => !publicKeys.includes(key));
  const releases = secrets.map(([, value]) => holdSecret(value));
  return () => {
    for (const release of releases) release();
  };
}

/** What a connection to one tenant shares with others, and what it is known by. */
interface Ends {
  readonly tenant: string;
  readonly governor: Governor;
  /** Hosts that the vendor's tenants have. */
  readonly hosts: readonly string[];
  readonly onExchange: TenantMetrics["observe"];
  readonly onClose: () => void;
}

function providerOf(
  { config, clock, fingerprint, leaving, mayCall, readServiceAccountToken, warn }: FactoryParts,
  module: ProviderModule,
  settings: TenantSettings,
  credentials: Readonly<Record<string, string>>,
  { tenant, governor, hosts, onExchange, onClose }: Ends,
): Provider {
  const transport = createTransport({
    allowedHosts: [...hosts, ...config.allowedHosts],
    allowPrivateAddresses: config.allowPrivateAddresses,
    ...(settings.caBundle === undefined ? {} : { caBundle: settings.caBundle }),
    ...(config.httpsProxy === undefined ? {} : { httpsProxy: config.httpsProxy }),
    ...(config.noProxy === undefined ? {} : { noProxy: config.noProxy }),
    ...{ governor, clock, timeoutMs: config.providerTimeoutMs, maxBytes: config.maxAnswerBytes },
    mayGo: () => mayCall(tenant),
    bucketsOf: (method, url) => module.bucketsOf(method, url),
    isPerClientQuota: (headers) => module.isPerClientQuota(headers),
    onExchange: ({ method, status, seconds }) => {
      onExchange({ tenant, method, status, seconds });
    },
  });
  const provider = module.createProvider(settings.variant, credentials, {
    fetch: transport.fetch,
    ...{ clock, fingerprint, timeoutMs: config.providerTimeoutMs, settleMs: config.settleMs },
    allowedPerSecond: (bucket) =>
      governor.stats().buckets.find(({ name }) => name === bucket)?.ratePerSecond ?? Number.POSITIVE_INFINITY,
    inBackground: (begin) => void runInScope({ ...BACKGROUND, leaving }, () => Promise.resolve().then(begin)),
    isReadOnly: settings.isReadOnly,
    ...(settings.usesServiceAccount === true ? { readServiceAccountToken } : {}),
    warn: (message, about) => {
      warn(message, { tenant, ...about });
    },
  });
  return {
    ...provider,
    close: () => {
      provider.close();
      onClose();
      void transport.close();
    },
  };
}
