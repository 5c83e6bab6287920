import type { PodFacts, Pods } from "../ports/pods.ts";
import type { Connection } from "./connection.ts";
import { KubeError } from "./kube-error.ts";
import { podFactsOf } from "./pod-facts.ts";
import { runReflector, type ReflectorOptions, type WatchState } from "./reflector.ts";
import { collectionPath } from "./resources.ts";
import { createStore, type KubeObject, type Store } from "./store.ts";

export interface PodsOptions {
  readonly connection: Connection;
  readonly random: () => number;
  readonly log: ReflectorOptions<KubeObject>["log"];
  /** Called with each watcher of a namespace when a Pod there changed, or they were listed. */
  readonly onChange: (watcher: string) => void;
  /** Gives each watch the callbacks for what becomes of it. */
  readonly newWatch: () => (state: WatchState) => void;
  readonly signal: AbortSignal;
}

/** What is kept of a Pod: a namespace may have thousands. */
interface KeptPod extends KubeObject {
  readonly facts: PodFacts;
}

interface Watch {
  readonly watchers: Set<string>;
  readonly store: Store<KeptPod>;
  /** Why it cannot be read, by the last answer. */
  readonly problem: () => string | undefined;
  readonly end: () => void;
}

/** One watch per namespace, for as long as it has a watcher. */
export function createPods({ connection, random, log, onChange, newWatch, signal }: PodsOptions): Pods {
  const watches = new Map<string, Watch>();
  const begin = (namespace: string): Watch => {
    const watchers = new Set<string>();
    const store = createStore<KeptPod>({}, (error) => {
      log.warn({ error, namespace }, "could not pass on a change of a Pod");
    });
    const tell = (): void => {
      for (const watcher of watchers) onChange(watcher);
    };
    store.onChange(tell);
    const ended = new AbortController();
    let problem: string | undefined;
    const reflected = slimmed(store, () => {
      problem = undefined;
      tell();
    });
    const onFailure = (error: unknown): void => {
      const isNew = isForbidden(error) && problem === undefined;
      problem = isForbidden(error) ? error.message : problem;
      if (isNew) tell();
    };
    const path = collectionPath({ group: "", version: "v1", plural: "pods" }, namespace);
    const options = { connection, path, store: reflected, random, log, onState: newWatch(), onFailure };
    runReflector(options, AbortSignal.any([signal, ended.signal])).catch((error: unknown) => {
      log.warn({ error, namespace }, "the watch of Pods ended");
    });
    const end = (): void => {
      ended.abort();
    };
    return { watchers, store, problem: () => problem, end };
  };
  return {
    watch: (namespace, watcher) => {
      const watch = watches.get(namespace) ?? begin(namespace);
      watches.set(namespace, watch);
      watch.watchers.add(watcher);
      return watch.store.hasSynced() ? watch.store.list().map(({ facts }) => facts) : undefined;
    },
    problem: (namespace) => watches.get(namespace)?.problem(),
    unwatch: (namespace, watcher) => {
      const watch = watches.get(namespace);
      watch?.watchers.delete(watcher);
      if (watch?.watchers.size !== 0) return;
      watch.end();
      watches.delete(namespace);
    },
  };
}

const isForbidden = (error: unknown): error is KubeError => error instanceof KubeError && error.code === 403;

/** Takes whole Pods and keeps their facts. A listing is announced also when it changed nothing. */
function slimmed(store: Store<KeptPod>, onListed: () => void): Store<KeptPod> {
  const kept = (pod: KubeObject): KeptPod => {
    const { namespace, name, uid, resourceVersion } = pod.metadata;
    const metadata = { name, uid, resourceVersion, ...(namespace === undefined ? {} : { namespace }) };
    return { metadata, facts: podFactsOf(pod) };
  };
  return {
    ...store,
    put: (pod) => {
      store.put(kept(pod));
    },
    replaceAll: (pods, asOf) => {
      store.replaceAll(pods.map(kept), asOf);
      onListed();
    },
  };
}
