import type { LimitBucket } from "../ports/http-transport.ts";
import type { Capabilities, Provider } from "../ports/provider.ts";
import type { RateLimit } from "../ports/provider-factory.ts";
import type { ProviderDependencies } from "./dependencies.ts";

/** What each vendor's folder exports. */
export interface ProviderModule {
  createProvider(
    variant: Readonly<Record<string, unknown>>,
    credentials: Readonly<Record<string, string>>,
    dependencies: ProviderDependencies,
  ): Provider;
  problemOf(credentials: Readonly<Record<string, string>>): string | undefined;
  limitsOf(rateLimit: RateLimit | undefined): readonly LimitBucket[];
  bucketsOf(method: string, url: URL): readonly string[];
  /** True when a 429 is one client's own quota of tokens, so that the tenant's buckets stay open. */
  isPerClientQuota(headers: { get(name: string): string | null }): boolean;
  readonly DEFAULT_SHARE_PERCENT: number;
  readonly CAPABILITIES: Capabilities;
}

/** One line per vendor. An SDK is loaded only once a provider of its kind exists. */
export const PROVIDERS: Readonly<Record<string, () => Promise<ProviderModule>>> = {
  auth0: () => import("./auth0/index.ts"),
  okta: () => import("./okta/index.ts"),
};
