import type { Capabilities, Provider } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Placeholders } from "./placeholders.ts";

/** What each part of a simulated tenant is made from. */
export interface TenantRoom {
  /** The connected tenant. It is only read. */
  readonly tenant: Provider;
  readonly capabilities: Capabilities;
  readonly placeholders: Placeholders;
  readonly fingerprint: (value: string) => string;
  readonly now: () => Date;
}

/** What an adapter throws for an object that does not exist. */
export const notFound = (what: string): ProviderError =>
  new ProviderError("not_found", `The ${what} does not exist at the provider.`);
