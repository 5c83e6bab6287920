/** Every kind of event that wakes an object. Each is wired in `src/assembly/triggers.ts`. */
export const WAKERS = [
  /** Its own spec, annotations or deletion changed. */
  "self",
  /** The provider object that it uses changed: spec, status, deletion. */
  "provider",
  /** Something still used this provider, and is gone. */
  "dependents",
  /** The Secret with the operator's own credential changed. */
  "credentials",
  /** The tenant was read again, once per drift interval: what people did there is seen now. */
  "tenantRead",
  /** The M2MClient that it refers to changed. */
  "client",
  /** The OAuthApi that it refers to changed. */
  "api",
  /** A ScopeGrant of the same client changed. */
  "grants",
  /** Another resource that claims the same remote object changed. */
  "claimants",
  /** A Secret or ConfigMap under a name that it publishes to changed. */
  "outputs",
  /** The labels of its namespace changed, or the namespace is being deleted. */
  "namespace",
] as const;

export type Waker = (typeof WAKERS)[number];
