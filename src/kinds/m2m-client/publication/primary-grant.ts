/** A ScopeGrant that refers to the client, as far as choosing the one for the flat keys needs it. */
export interface ReferringGrant {
  readonly name: string;
  /** Whether the provider holds it, so that it can be published. */
  readonly isGranted: boolean;
}

export type PrimaryChoice =
  | { readonly kind: "chosen"; readonly name: string }
  /** Nothing is granted: the flat keys of an API stay away. */
  | { readonly kind: "none" }
  /** The named one is not there yet: the first publication waits for it. */
  | { readonly kind: "awaited"; readonly name: string }
  | { readonly kind: "required"; readonly names: readonly string[] };

/**
 * Which grant fills the flat keys (`audience`, `scopes`, …): the one the spec names; else the one that filled them
 * first, for as long as it exists, so that a workload's settings never switch to another API by themselves.
 */
export function choosePrimary(
  named: string | undefined,
  previous: string | undefined,
  referring: readonly ReferringGrant[],
): PrimaryChoice {
  const granted = new Set(referring.filter((grant) => grant.isGranted).map((grant) => grant.name));
  if (named !== undefined)
    return granted.has(named) ? { kind: "chosen", name: named } : { kind: "awaited", name: named };
  if (previous !== undefined && granted.has(previous)) return { kind: "chosen", name: previous };
  if (referring.length > 1) return { kind: "required", names: referring.map((grant) => grant.name).sort() };
  const [only] = referring;
  return only?.isGranted === true ? { kind: "chosen", name: only.name } : { kind: "none" };
}
