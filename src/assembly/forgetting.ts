import type { ObjectKey } from "../controller/object-key.ts";
import type { KindContext, ProcessMemory } from "../kinds/kind-context.ts";
import { outputKeyOf } from "../kinds/outputs/memory.ts";
import { nameOf } from "../kinds/relations/indexes.ts";
import { requestedReadKeyOf } from "../kinds/status/requested-reads.ts";
import type { KubeObject, Store } from "../kube/store.ts";
import type { Resource } from "../ports/resource.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Caches } from "./caches.ts";

interface ForgettingParts {
  readonly caches: Caches;
  readonly context: Pick<KindContext, "connections" | "events" | "memory">;
  readonly queue: { forget(key: ObjectKey): void };
  readonly metrics: Pick<Metrics, "rotationFailures">;
}

export function createMemory(): ProcessMemory {
  return {
    outputs: new Map(),
    states: new Map(),
    signingSecrets: new Map(),
    requestedReads: new Map(),
    revocations: new Map(),
    verifications: new Map(),
    requestedRotations: new Map(),
  };
}

/** Whatever this process remembers of an object goes with the object. */
export function wireForgetting({ caches, context, queue, metrics }: ForgettingParts): void {
  const { connections, events, memory } = context;
  whenGone(caches.secrets, ({ metadata: { namespace = "", name } }) => {
    memory.outputs.delete(outputKeyOf("Secret", namespace, name));
    memory.states.delete(nameOf(namespace, name));
    memory.signingSecrets.delete(nameOf(namespace, name));
  });
  whenGone(caches.configMaps, ({ metadata: { namespace = "", name } }) => {
    memory.outputs.delete(outputKeyOf("ConfigMap", namespace, name));
  });
  const forget = (resource: Resource): void => {
    const { kind, metadata } = resource;
    memory.requestedReads.delete(requestedReadKeyOf(resource));
    events.forget(metadata.uid);
    queue.forget({ kind, namespace: metadata.namespace ?? "", name: metadata.name });
  };
  for (const store of [caches.clusterIdentityProviders, caches.identityProviders])
    whenGone(store, (provider) => {
      forget(provider);
      memory.verifications.delete(provider.metadata.uid);
      memory.revocations.delete(provider.metadata.uid);
      connections.forget(provider.metadata.uid);
    });
  whenGone(caches.oAuthApis, (api) => {
    forget(api);
    memory.revocations.delete(api.metadata.uid);
  });
  whenGone(caches.scopeGrants, forget);
  whenGone(caches.m2mClients, (client) => {
    forget(client);
    memory.requestedRotations.delete(client.metadata.uid);
    metrics.rotationFailures.remove({ namespace: client.metadata.namespace ?? "", name: client.metadata.name });
  });
}

function whenGone<T extends KubeObject>(store: Pick<Store<T>, "onChange">, forget: (object: T) => void): void {
  store.onChange((before, after) => {
    if (before !== undefined && after === undefined) forget(before);
  });
}
