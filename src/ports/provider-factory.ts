import type { Provider } from "./provider.ts";

/** What one provider object says about its tenant, the credential apart. Variants are the spec's own. */
export interface TenantSettings {
  /** Name of the spec's variant: which adapter to use. */
  readonly vendor: string;
  /** The variant's content, as the spec has it. */
  readonly variant: Readonly<Record<string, unknown>>;
  /** PEM certificates added to the system's roots. */
  readonly caBundle: string | undefined;
  readonly rateLimit: RateLimit | undefined;
  /** The provider object only observes its tenant. */
  readonly isReadOnly: boolean;
  /** The operator authenticates with the token of its own service account. Absent: with the content of a Secret. */
  readonly usesServiceAccount?: true;
}

export interface RateLimit {
  readonly requestsPerMinute?: number | undefined;
  readonly burst?: number | undefined;
  /** Percent of the rate that the operator may use; the rest is people's. */
  readonly sharePercent?: number | undefined;
}

/** Makes providers; the one place where vendors are distinguished. */
export interface ProviderFactory {
  /**
   * What is wrong with the credential's keys, in words that help a person to correct it, and without any value; `undefined`
   * when they are complete.
   */
  problemOf(settings: TenantSettings, credentials: Readonly<Record<string, string>>): Promise<string | undefined>;
  /**
   * Makes no request. Throws `invalid` for settings that can never work, such as a host that is not allowed, and
   * `unsupported` where the tenant does not take the service account that they request. `credentials` is empty then.
   */
  connect(settings: TenantSettings, credentials: Readonly<Record<string, string>>): Promise<Provider>;
}
