import type { ObjectKey } from "../controller/object-key.ts";
import type { KindContext } from "../kinds/kind-context.ts";
import { forgetObject, forgetResource } from "../kinds/memory.ts";
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

/** Whatever this process remembers of an object goes with the object. */
export function wireForgetting({ caches, context, queue, metrics }: ForgettingParts): void {
  const { connections, events, memory } = context;
  whenGone(caches.secrets, ({ metadata }) => {
    forgetObject(memory, "Secret", metadata.namespace ?? "", metadata.name);
  });
  whenGone(caches.configMaps, ({ metadata }) => {
    forgetObject(memory, "ConfigMap", metadata.namespace ?? "", metadata.name);
  });
  const forget = (resource: Resource): void => {
    const { kind, metadata } = resource;
    forgetResource(memory, resource);
    events.forget(metadata.uid);
    queue.forget({ kind, namespace: metadata.namespace ?? "", name: metadata.name });
  };
  for (const store of [caches.clusterIdentityProviders, caches.identityProviders])
    whenGone(store, (provider) => {
      forget(provider);
      connections.forget(provider.metadata.uid);
    });
  whenGone(caches.oAuthApis, forget);
  whenGone(caches.scopeGrants, forget);
  whenGone(caches.m2mClients, (client) => {
    forget(client);
    metrics.rotationFailures.remove({ namespace: client.metadata.namespace ?? "", name: client.metadata.name });
  });
}

function whenGone<T extends KubeObject>(store: Pick<Store<T>, "onChange">, forget: (object: T) => void): void {
  store.onChange((before, after) => {
    if (before !== undefined && after === undefined) forget(before);
  });
}
