import type { z } from "zod";
import type { Rule } from "../kinds/schema/rules.ts";
import type { LimitBucket } from "../ports/http-transport.ts";
import type { ApiSettings, ApiTokens, Capabilities, Inventory, Provider } from "../ports/provider.ts";
import type { RateLimit } from "../ports/provider-factory.ts";
import type { ProviderDependencies } from "./dependencies.ts";

/** What a provider's folder says of itself: everything that others need to know before its SDK is loaded. */
export interface ProviderDeclaration<Variant extends z.ZodObject = z.ZodObject> {
  /** How people call it, for texts. */
  readonly label: string;
  /** Hosts of its own cloud, to which credentials may be sent without configuration: names, or `*.` and a domain. */
  readonly hosts: readonly string[];
  /** `spec.<name>` of the provider kinds: where the tenant is. */
  readonly variant: Variant;
  /** The tenant's name for people and metrics, stable over time. */
  tenantOf(variant: z.output<Variant>): string;
  /**
   * The tenant takes the token of the operator's own Kubernetes service account (RFC 7523), so that a cluster-scoped
   * provider object needs no credentials Secret. Absent: it needs one.
   */
  readonly takesServiceAccountToken?: true;
  readonly texts: DeclaredTexts;
  /** `spec.<name>` of an OAuthApi. Absent: no setting of an API is this provider's alone. */
  readonly apiSection?: ApiSection;
  readonly capabilities: Capabilities;
  /** The adapter with its SDK. */
  readonly load: () => Promise<ProviderModule>;
}

/** Phrases for the descriptions of fields that every provider has; of the limits, their default. */
interface DeclaredTexts extends Readonly<Record<keyof RateLimit, string>> {
  /** Keys of the Secret with the operator's own credential. */
  readonly credentials: string;
}

/** Settings of an API that only one provider has. A field that is not set is left as the tenant has it. */
export interface ApiSection<Section extends z.ZodObject = z.ZodObject> {
  readonly schema: Section;
  /** Rules across the section and the fields of the spec that every provider has. */
  readonly rules: readonly Rule<never>[];
  /** What the section wishes: settings for this adapter alone, durations in seconds. */
  wishOf(section: z.output<Section>): ApiWish;
  /**
   * The section that wishes these settings, as they are at a tenant, without what the provider does by default;
   * `undefined` where nothing else is there. The schema may still refuse it.
   */
  sectionOf(settings: ApiSettings, tokens: ApiTokens): Readonly<Record<string, unknown>> | undefined;
}

export interface ApiWish {
  readonly settings: ApiSettings;
  /** The provider's id of the API to adopt; no setting. */
  readonly adoptedId?: string | undefined;
}

/** The adapter, as each folder's index.ts exports it. */
export interface ProviderModule {
  createProvider(
    variant: Readonly<Record<string, unknown>>,
    credentials: Readonly<Record<string, string>>,
    dependencies: ProviderDependencies,
  ): Provider;
  /**
   * Sorts documents of a tenant that another tool wrote down into what resources can stand for. What the documents are is
   * the adapter's own. Absent: no such tool is known.
   */
  inventoryOf?(documents: never, facts: never): Inventory;
  /** What is wrong with the credentials Secret; names keys, never values. */
  problemOf(credentials: Readonly<Record<string, string>>): string | undefined;
  /** Keys of the credentials Secret whose values may be shown. Default: none; every value is masked in the log. */
  readonly PUBLIC_KEYS?: readonly string[];
  limitsOf(rateLimit: RateLimit | undefined): readonly LimitBucket[];
  bucketsOf(method: string, url: URL): readonly string[];
  /** Whether a refusal for too many requests is about one client's own quota, which is nobody else's business. */
  isPerClientQuota(headers: { get(name: string): string | null }): boolean;
  readonly DEFAULT_SHARE_PERCENT: number;
}

/** Checks a declaration and keeps its own type, from which the types of specs are made. */
export function declareProvider<Variant extends z.ZodObject, const Declaration extends ProviderDeclaration<Variant>>(
  declaration: Declaration & { readonly variant: Variant },
): Declaration & { readonly variant: Variant } {
  return declaration;
}

/** Checks the section of an API and keeps its own type. */
export function declareApiSection<Section extends z.ZodObject>(section: ApiSection<Section>): ApiSection<Section> {
  return section;
}
