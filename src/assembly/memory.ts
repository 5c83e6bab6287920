import type { KindContext, ProcessMemory } from "../kinds/kind-context.ts";
import { nameOf } from "../kinds/relations/indexes.ts";
import type { KubeObject } from "../kube/store.ts";
import type { Caches } from "./caches.ts";

export const createMemory = (): ProcessMemory => ({
  outputs: new Map(),
  states: new Map(),
  signingSecrets: new Map(),
  requestedReads: new Map(),
  revocations: new Map(),
  verifications: new Map(),
});

/** What this process remembers of an object goes with the object. */
export function forgetWhatIsGone(
  caches: Caches,
  { memory, connections }: Pick<KindContext, "memory" | "connections">,
): void {
  const keyOf = ({ metadata }: KubeObject): string => nameOf(metadata.namespace, metadata.name);
  whenGone([caches.secrets], (secret) => {
    memory.outputs.delete(`Secret/${keyOf(secret)}`);
    memory.states.delete(keyOf(secret));
    memory.signingSecrets.delete(keyOf(secret));
  });
  whenGone([caches.configMaps], (configMap) => memory.outputs.delete(`ConfigMap/${keyOf(configMap)}`));
  const providers = [caches.clusterIdentityProviders, caches.identityProviders];
  whenGone(providers, ({ metadata: { uid } }) => {
    memory.verifications.delete(uid);
    connections.forget(uid);
  });
  // Whoever can withdraw consent.
  whenGone([...providers, caches.oAuthApis], ({ metadata: { uid } }) => memory.revocations.delete(uid));
  whenGone([...providers, caches.oAuthApis, caches.m2mClients, caches.scopeGrants], (resource) =>
    memory.requestedReads.delete(`${resource.kind ?? ""}/${keyOf(resource)}`),
  );
}

/** A store, as far as its changes are listened to. */
interface Source {
  onChange(handler: (before: KubeObject | undefined, after: KubeObject | undefined) => void): void;
}

function whenGone(stores: readonly Source[], forget: (gone: KubeObject) => unknown): void {
  for (const store of stores)
    store.onChange((before, after) => {
      if (before !== undefined && after === undefined) forget(before);
    });
}
