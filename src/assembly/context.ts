import { hash, randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { keyOfObject } from "../controller/object-key.ts";
import type { KindContext } from "../kinds/kind-context.ts";
import { makeKeyPair } from "../kinds/m2m-client/credential/key-pair.ts";
import type { Connection } from "../kube/connection.ts";
import { createEventRecorder } from "../kube/events.ts";
import { createObjectClient } from "../kube/objects.ts";
import { createServiceAccounts } from "../kube/service-accounts.ts";
import type { Clock } from "../ports/clock.ts";
import type { Namespaces } from "../ports/cluster.ts";
import type { Resource } from "../ports/resource.ts";
import type { WorkClass } from "../work/order.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { createConnections } from "../tenant/connections.ts";
import { type Caches, createResourceClients } from "./caches.ts";
import { watchState } from "./instruments.ts";
import { provenResources, type Prover } from "./proven-resources.ts";
import { createMemory } from "./forgetting.ts";
import { createClientPods } from "./pod-watches.ts";
import type { GovernedFactory } from "./provider-factory.ts";
import { dependentsOf } from "../kinds/relations/dependents.ts";
import { withBoundedStatus } from "../kinds/status/bounded.ts";
import { enqueueAfterRead, enqueueDrift } from "./tenant-read.ts";
import { isDeleting } from "./urgency.ts";
import { watchScopeOf } from "./watch-scope.ts";

interface ContextParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly connection: Connection;
  readonly caches: Caches;
  readonly factory: GovernedFactory;
  readonly fingerprint: (value: string) => string;
  /** Keyed digest that only this installation can make. */
  readonly sign: (text: string) => string;
  readonly enqueue: Parameters<typeof enqueueDrift>[1];
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Aborted when the process ends. */
  readonly signal: AbortSignal;
}

/** Everything the kinds are given. */
export function createContext(parts: ContextParts): KindContext {
  const { config, clock, connection, caches, factory, fingerprint, enqueue, log } = parts;
  const lookAtClient = (watcher: string): void => {
    const [namespace = "", name = ""] = watcher.split("/");
    enqueue({ kind: "M2MClient", namespace, name }, "rotationDue");
  };
  const add = (resource: Resource, workClass: WorkClass): void => {
    enqueue(keyOfObject(resource), workClass);
  };
  return {
    resources: provenOf(createResourceClients(connection, caches), { instance: config.instanceId, sign: parts.sign }),
    secrets: createObjectClient(connection, "Secret", caches.secrets),
    configMaps: createObjectClient(connection, "ConfigMap", caches.configMaps),
    namespaces: namespacesOf(caches),
    pods: config.podAwareness
      ? createClientPods(caches, {
          ...{ connection, random: () => clock.random(), log, signal: parts.signal, onChange: lookAtClient },
          newWatch: () => watchState(parts.metrics, "pods"),
        })
      : undefined,
    serviceAccounts: createServiceAccounts(connection, { requestsTokens: config.tokenRequests }),
    onRotationFailed: ({ metadata: { name, namespace = "" } }) => {
      parts.metrics.rotationFailures.inc({ namespace, name });
    },
    events: createEventRecorder({ connection, instance: config.instanceId, log }),
    connections: createConnections(),
    providers: factory,
    onConnected: (_resource, provider) => {
      provider.onDrift((drift) => {
        enqueueDrift(caches, enqueue, drift);
      });
    },
    onTenantRead: (resource) => {
      enqueueAfterRead(caches, enqueue, resource);
    },
    onUsable: (resource) => {
      for (const dependent of dependentsOf(caches, resource)) add(dependent, "resync");
    },
    onFailing: (resource, { reason, message }) => {
      log.warn({ ...keyOfObject(resource), reason, detail: message }, "failed");
      for (const dependent of dependentsOf(caches, resource).filter(isDeleting)) add(dependent, "deletion");
    },
    memory: createMemory(),
    settings: {
      instanceId: config.instanceId,
      startedAt: clock.now(),
      operatorNamespace: config.namespace,
      clusterProviders: watchScopeOf(config).clusterProviders,
      createTiming: { providerTimeoutMs: config.providerTimeoutMs, settleMs: config.settleMs },
      orphanAfterMs: config.orphanAfterMs,
      recover: config.recover,
      seesEveryNamespace: watchScopeOf(config).namespaces === undefined,
      maxRevocations: config.maxRevocations,
    },
    nonce: () => randomBytes(8).toString("hex"),
    makeKeyPair,
    fingerprint,
    sha256: (text) => hash("sha256", text),
    now: () => clock.now(),
  };
}

/**
 * Each status is cut to what the API server takes, and then proven: a proof of what is cut later would be of something
 * else. Of providers nothing in status says what is whose.
 */
export function provenOf(clients: ReturnType<typeof createResourceClients>, prover: Prover): KindContext["resources"] {
  const { clusterIdentityProviders, identityProviders, oAuthApis, m2mClients, scopeGrants } = clients;
  return {
    clusterIdentityProviders: withBoundedStatus("ClusterIdentityProvider", clusterIdentityProviders),
    identityProviders: withBoundedStatus("IdentityProvider", identityProviders),
    oAuthApis: withBoundedStatus("OAuthApi", provenResources(oAuthApis, prover)),
    m2mClients: withBoundedStatus("M2MClient", provenResources(m2mClients, prover)),
    scopeGrants: withBoundedStatus("ScopeGrant", provenResources(scopeGrants, prover)),
  };
}

/** Namespaces as the caches have them. */
export function namespacesOf(caches: Caches): Namespaces {
  const factsOf = ({
    metadata,
  }: {
    metadata: { name: string; labels?: Readonly<Record<string, string>>; deletionTimestamp?: string };
  }) => ({
    name: metadata.name,
    labels: metadata.labels ?? {},
    isTerminating: metadata.deletionTimestamp !== undefined,
  });
  return {
    get: (name) => {
      const namespace = caches.namespaces.get("", name);
      return namespace === undefined ? undefined : factsOf(namespace);
    },
    list: () => caches.namespaces.list().map(factsOf),
  };
}
