import type { RawDocument } from "./session.ts";

/** What Okta sends, as far as it is read: by the SDK's models, or as it is. Everything but ids may be missing. */
export interface ServerDocument {
  readonly id?: string;
  readonly name?: string;
  readonly description?: string | null;
  readonly audiences?: readonly string[];
  readonly issuer?: string;
  readonly issuerMode?: string;
  readonly status?: string;
  readonly created?: Date | string;
  readonly credentials?: { readonly signing?: { readonly rotationMode?: string } };
}

export interface ScopeDocument {
  readonly id?: string;
  readonly name?: string;
  readonly description?: string | null;
  /** `default` on the wire; the SDK's models call it otherwise. */
  readonly default?: boolean;
  readonly _default?: boolean;
  readonly consent?: string;
  readonly system?: boolean;
}

export interface ClaimDocument {
  readonly id?: string;
  readonly name?: string;
  readonly status?: string;
  readonly claimType?: string;
  readonly valueType?: string;
  readonly value?: string;
  readonly conditions?: { readonly scopes?: readonly string[] };
  readonly system?: boolean;
}

export interface PolicyDocument {
  readonly id?: string;
  readonly name?: string;
  readonly description?: string | null;
  readonly status?: string;
  readonly priority?: number;
  readonly system?: boolean;
  readonly created?: Date | string;
  readonly conditions?: { readonly clients?: { readonly include?: readonly string[] } };
}

export interface RuleDocument {
  readonly id?: string;
  readonly name?: string;
  readonly status?: string;
  readonly created?: Date | string;
  readonly priority?: number;
  readonly conditions?: {
    readonly grantTypes?: { readonly include?: readonly string[] };
    readonly scopes?: { readonly include?: readonly string[] };
  };
  readonly actions?: { readonly token?: { readonly accessTokenLifetimeMinutes?: number } };
}

/** One or several members below `key`, the others as they are. */
export function within(document: RawDocument, key: string, change: RawDocument): RawDocument {
  return { ...document, [key]: { ...(document[key] as RawDocument | undefined), ...change } };
}

interface Pages {
  readonly nextUri: string;
  getNextPage(): Promise<unknown>;
}

/** Pages of one of the SDK's collections, whose own iterator takes an empty page in the middle for an item. */
export async function* pagesOf<T>(collection: Pages): AsyncIterable<readonly T[]> {
  do yield (await collection.getNextPage()) as readonly T[];
  while (collection.nextUri as string | undefined);
}

export async function allOf<T>(collection: Pages): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of pagesOf<T>(collection)) all.push(...page);
  return all;
}

/** Times are texts or, from the SDK, dates. */
export const timeOf = (value: Date | string | undefined): number =>
  value === undefined ? 0 : new Date(value).getTime();
