import type { KindContext, ProcessMemory } from "../../kinds/kind-context.ts";
import { createObjectClient } from "../../kube/objects.ts";
import type { Connection } from "../../kube/connection.ts";
import type { KubeObject, Store } from "../../kube/store.ts";
import type { Provider } from "../../ports/provider.ts";
import { createPlaceholderIds, type PlaceholderIds } from "../../preview/placeholder-ids.ts";
import { createVirtualClock, type VirtualClock } from "../../preview/virtual-clock.ts";
import type { PreviewKey } from "../../preview/tenant/tokens.ts";
import type { Connections } from "../../tenant/connections.ts";
import { type Caches, createResourceClients } from "../caches.ts";
import { namespacesOf, provenOf } from "../context.ts";
import type { Prover } from "../proven-resources.ts";
import { createPreviewServer, type PreviewServer, type ServedWrite } from "./api-server.ts";

/** What a preview starts from. */
export interface LiveWorld {
  readonly caches: Caches;
  /** Reads contents of Secrets and ConfigMaps. */
  readonly connection: Pick<Connection, "request">;
  readonly context: KindContext;
  readonly prover: Prover;
}

/** Caches, writers and tenants of one preview. */
export interface World {
  readonly caches: Caches;
  readonly server: PreviewServer;
  readonly context: KindContext;
  readonly clock: VirtualClock;
  /** For an object that the preview creates. */
  readonly newUid: () => string;
}

export interface WorldParts {
  readonly live: LiveWorld;
  readonly onWrite: (write: ServedWrite) => void;
  /** The tenant that the loop sees in place of a connected one. */
  readonly tenantOf: (uid: string, provider: Provider) => Provider;
  readonly key: (algorithm: string) => Promise<PreviewKey>;
  /** Default: placeholders. */
  readonly ids?: PlaceholderIds;
}

/** Copies what the operator knows. Whatever the loop does in the copy stays there. */
export function createWorld({ live, onWrite, tenantOf, key, ids = createPlaceholderIds() }: WorldParts): World {
  const { context } = live;
  const clock = createVirtualClock(context.now());
  const now = (): Date => clock.now();
  const caches = copyOf(live.caches);
  const { newUid, nonce } = ids;
  const server = createPreviewServer({ caches, live: live.connection, now, newUid, onWrite });
  return {
    ...{ caches, server, clock, newUid },
    context: {
      ...context,
      resources: provenOf(createResourceClients(server, caches), live.prover),
      secrets: createObjectClient(server, "Secret", caches.secrets),
      configMaps: createObjectClient(server, "ConfigMap", caches.configMaps),
      namespaces: namespacesOf(caches),
      // Who watches Pods is known by the object that is previewed: the answer is that they were not listed yet.
      pods: context.pods === undefined ? undefined : UNLISTED,
      serviceAccounts: withoutTokens(context.serviceAccounts),
      events: { record: () => undefined, forget: () => undefined },
      connections: readOnlyConnections(context.connections, tenantOf),
      providers: NO_NEW_CONNECTIONS,
      ...NOBODY_LISTENS,
      memory: memoryOf(context.memory),
      makeKeyPair: key,
      nonce,
      now,
    },
  };
}

/** The tenant of a preview takes every credential. */
const withoutTokens = (live: KindContext["serviceAccounts"]): KindContext["serviceAccounts"] => ({
  exists: (namespace, name) => live.exists(namespace, name),
  requestToken: live.requestToken === undefined ? undefined : () => Promise.resolve(""),
});

const UNLISTED = { watch: () => undefined, problem: () => undefined, unwatch: () => undefined };

const NO_NEW_CONNECTIONS = {
  problemOf: () => Promise.reject(new Error("a preview connects to no tenant")),
  connect: () => Promise.reject(new Error("a preview connects to no tenant")),
};

const NOBODY_LISTENS = {
  onConnected: () => undefined,
  onRotationFailed: () => undefined,
  onTenantRead: () => undefined,
  onUsable: () => undefined,
  onFailing: () => undefined,
};

function copyOf(live: Caches): Caches {
  const stores = Object.entries(live) as readonly (readonly [string, Store<KubeObject>])[];
  return Object.fromEntries(stores.map(([name, store]) => [name, store.copy()])) as unknown as Caches;
}

/** What the operator remembers, at the beginning of the preview. */
function memoryOf(live: ProcessMemory): ProcessMemory {
  const copied = Object.entries(live).map(([name, known]) => [name, new Map(known as Map<unknown, unknown>)] as const);
  return Object.fromEntries(copied) as unknown as ProcessMemory;
}

/** The operator's connections, with another tenant behind each. Nothing is connected or closed. */
function readOnlyConnections(live: Connections, tenantOf: WorldParts["tenantOf"]): Connections {
  const tenants = new Map<string, { readonly real: Provider; readonly provider: Provider }>();
  const simulated = (uid: string, real: Provider): Provider => {
    const known = tenants.get(uid);
    if (known?.real === real) return known.provider;
    const provider = tenantOf(uid, real);
    tenants.set(uid, { real, provider });
    return provider;
  };
  const get: Connections["get"] = (uid) => {
    const connection = live.get(uid);
    return connection === undefined ? undefined : { ...connection, provider: simulated(uid, connection.provider) };
  };
  return {
    ...live,
    get,
    list: () =>
      live.list().flatMap(({ uid }) => {
        const connection = get(uid);
        return connection === undefined ? [] : [{ uid, connection }];
      }),
    set: () => undefined,
    remove: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
    doubt: () => undefined,
    forget: () => undefined,
  };
}
