import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { OAuthApi } from "../../src/kinds/oauth-api/schema.ts";
import type { ScopeGrant } from "../../src/kinds/scope-grant/schema.ts";
import type { PodFacts } from "../../src/ports/pods.ts";

/** What was read of the cluster at one moment. */
export interface Snapshot {
  readonly providers: readonly ProviderResource[];
  readonly apis: readonly OAuthApi[];
  readonly clients: readonly M2MClient[];
  readonly grants: readonly ScopeGrant[];
  /** Names of the published Secrets that exist, by namespace. A namespace is missing when they cannot be read. */
  readonly secrets: ReadonlyMap<string, ReadonlySet<string>>;
  /** By namespace. A namespace is missing when its Pods cannot be read. */
  readonly pods: ReadonlyMap<string, readonly PodFacts[]>;
  /** What is not shown, and why. */
  readonly notes: readonly string[];
}
