import { keyOfObject, type ObjectKey } from "../controller/object-key.ts";
import type { KindContext, ProcessMemory } from "../kinds/kind-context.ts";
import { outputKeyByName } from "../kinds/outputs/memory.ts";
import { API_INDEXES, CLIENT_INDEXES, GRANT_INDEXES, nameOf } from "../kinds/relations/indexes.ts";
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

/** Ends what this process remembers of one object, whether that is gone or another process works on it from now on. */
export interface Forgetting {
  /** Of the object itself: its connection to the tenant, its requests, its events. */
  resource(resource: Resource): void;
  /** Of the Secrets and ConfigMaps that it publishes, too. */
  withOutputs(resource: Resource): void;
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

function createForgetting({ context, metrics }: Pick<ForgettingParts, "context" | "metrics">): Forgetting {
  const { connections, events, memory } = context;
  const ofResource = (resource: Resource): void => {
    const { uid, name, namespace = "" } = resource.metadata;
    memory.requestedReads.delete(requestedReadKeyOf(resource));
    events.forget(uid);
    for (const remembered of [memory.revocations, memory.verifications, memory.requestedRotations])
      remembered.delete(uid);
    if (resource.kind.endsWith("IdentityProvider")) connections.forget(uid);
    if (resource.kind === "M2MClient") metrics.rotationFailures.remove({ namespace, name });
  };
  return {
    resource: ofResource,
    withOutputs: (resource) => {
      ofResource(resource);
      for (const name of outputsOf(resource)) {
        forgetSecret(memory, name);
        memory.outputs.delete(outputKeyByName("ConfigMap", name));
      }
    },
  };
}

/** Whatever this process remembers of an object goes with the object. */
export function wireForgetting(parts: ForgettingParts): Forgetting {
  const { caches, context, queue } = parts;
  const { memory } = context;
  const forgetting = createForgetting(parts);
  whenGone(caches.secrets, ({ metadata }) => {
    forgetSecret(memory, nameOf(metadata.namespace, metadata.name));
  });
  whenGone(caches.configMaps, ({ metadata }) => {
    memory.outputs.delete(outputKeyByName("ConfigMap", nameOf(metadata.namespace, metadata.name)));
  });
  const forget = (resource: Resource): void => {
    forgetting.resource(resource);
    queue.forget(keyOfObject(resource));
  };
  whenGone(caches.clusterIdentityProviders, forget);
  whenGone(caches.identityProviders, forget);
  whenGone(caches.oAuthApis, forget);
  whenGone(caches.m2mClients, forget);
  whenGone(caches.scopeGrants, forget);
  return forgetting;
}

/** `name`: `namespace/name`. */
function forgetSecret(memory: ProcessMemory, name: string): void {
  memory.outputs.delete(outputKeyByName("Secret", name));
  memory.states.delete(name);
  memory.signingSecrets.delete(name);
}

/** `namespace/name` of what an object publishes. */
function outputsOf(resource: Resource): readonly string[] {
  switch (resource.kind) {
    case "OAuthApi":
      return [API_INDEXES["output"], API_INDEXES["secret"]].flatMap((index) => index?.(resource as never) ?? []);
    case "M2MClient":
      return CLIENT_INDEXES["output"]?.(resource as never) ?? [];
    case "ScopeGrant":
      return GRANT_INDEXES["output"]?.(resource as never) ?? [];
    default:
      return [];
  }
}

function whenGone<T extends KubeObject>(store: Pick<Store<T>, "onChange">, forget: (object: T) => void): void {
  store.onChange((before, after) => {
    if (before !== undefined && after === undefined) forget(before);
  });
}
