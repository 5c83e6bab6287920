import { createPods, type PodsOptions } from "../kube/pods.ts";
import type { Pods } from "../ports/pods.ts";
import type { Caches } from "./caches.ts";

/**
 * Pods for M2MClients, whose watchers are named `namespace/name`. A watch ends with the last client that requested it,
 * also when that is deleted while it waits, with its namespace or without.
 */
export function createClientPods({ m2mClients }: Pick<Caches, "m2mClients">, options: PodsOptions): Pods {
  const pods = createPods(options);
  m2mClients.onChange((before, after) => {
    const client = after ?? before;
    if (client === undefined || (after !== undefined && !isDeleting(after))) return;
    const { namespace = "", name } = client.metadata;
    pods.unwatch(namespace, `${namespace}/${name}`);
  });
  const isWanted = (watcher: string): boolean => {
    const [namespace = "", name = ""] = watcher.split("/");
    const client = m2mClients.get(namespace, name);
    return client !== undefined && !isDeleting(client);
  };
  return {
    // A pass may still be under way when its client goes.
    watch: (namespace, watcher) => (isWanted(watcher) ? pods.watch(namespace, watcher) : undefined),
    problem: (namespace) => pods.problem(namespace),
    unwatch: (namespace, watcher) => {
      pods.unwatch(namespace, watcher);
    },
  };
}

const isDeleting = ({ metadata }: { readonly metadata: { readonly deletionTimestamp?: string } }): boolean =>
  metadata.deletionTimestamp !== undefined;
