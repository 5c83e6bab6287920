/** One API that the client has at least one granted ScopeGrant for. */
export interface GrantedApiNames {
  /** `namespace/name` of its OAuthApi, or the audience where a ScopeGrant names an external one. Several may be one API. */
  readonly ids: readonly string[];
  /** Names of the client's granted ScopeGrants for it, sorted. */
  readonly grants: readonly string[];
}

/** What `spec.secret` says: the `namespace/name` of a ScopeGrant, or of an OAuthApi. At most one of them is set. */
export interface NamedPrimary {
  readonly grant?: string | undefined;
  readonly api?: string | undefined;
}

/**
 * The API in the flat keys (`audience`, `scopes`, …). `keeps`: what fills them until the choice is made, since keys that
 * a workload may use are not taken away because somebody has to decide.
 */
export type PrimaryChoice =
  | { readonly kind: "chosen"; readonly api: GrantedApiNames }
  /** Nothing is granted: there are no flat keys of an API. */
  | { readonly kind: "none" }
  /** `what`: the field of the spec, and what it names, for which nothing is granted. A sentence without its end. */
  | { readonly kind: "awaited"; readonly what: string; readonly keeps: GrantedApiNames | undefined }
  /** Several APIs are granted and the spec names none. */
  | { readonly kind: "required"; readonly ids: readonly string[]; readonly keeps: GrantedApiNames | undefined };

/**
 * Chooses by specs and by what is granted: the API that the spec names, else the only one. `published`: the id of the API
 * in the flat keys of the Secret so far; it decides nothing, and is kept while nothing is decided.
 */
export function choosePrimary(
  named: NamedPrimary,
  published: string | undefined,
  granted: readonly GrantedApiNames[],
): PrimaryChoice {
  const keeps = granted.find(({ ids }) => published !== undefined && ids.includes(published));
  const { grant, api } = named;
  if (grant !== undefined) {
    const name = grant.slice(grant.indexOf("/") + 1);
    const chosen = granted.find(({ grants }) => grants.includes(name));
    return chosen === undefined
      ? { kind: "awaited", what: `spec.secret.primaryGrant names ScopeGrant ${grant}, which is not granted`, keeps }
      : { kind: "chosen", api: chosen };
  }
  if (api !== undefined) {
    const chosen = granted.find(({ ids }) => ids.includes(api));
    return chosen === undefined
      ? {
          kind: "awaited",
          what: `spec.secret.primaryApi names OAuthApi ${api}, for which no ScopeGrant is granted`,
          keeps,
        }
      : { kind: "chosen", api: chosen };
  }
  const [only, ...others] = granted;
  if (only === undefined) return { kind: "none" };
  if (others.length === 0) return { kind: "chosen", api: only };
  return { kind: "required", ids: granted.map(({ ids }) => ids[0] ?? "").sort(), keeps };
}

/** The API that fills the flat keys now; `undefined` where none does. */
export function flatApiOf(choice: PrimaryChoice): GrantedApiNames | undefined {
  switch (choice.kind) {
    case "chosen":
      return choice.api;
    case "none":
      return undefined;
    case "awaited":
    case "required":
      return choice.keeps;
  }
}
