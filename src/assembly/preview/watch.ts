import type { Logger } from "pino";
import { CHANGE_PREVIEW, GROUP, VERSION } from "../../kinds/registry.ts";
import { createStore, type KubeObject, type Store } from "../../kube/store.ts";
import { METADATA, namespaced, type WatchOptions } from "../watches.ts";

/** Holds the metadata of ChangePreviews: their manifests are read one by one. */
export function createPreviewStore(log: Logger): Store<KubeObject> {
  return createStore({}, (error) => {
    log.error({ error }, "could not pass on a change from the API server");
  });
}

/** Keeps the store in sync with the API server until aborted. The operator starts without it. */
export function watchPreviews(options: WatchOptions, store: Store<KubeObject>, signal: AbortSignal): void {
  const path = { group: GROUP, version: VERSION, plural: CHANGE_PREVIEW.plural };
  const watches = namespaced(options.scope.namespaces, path, store, METADATA);
  void Promise.all(watches.map((watch) => watch(options, signal)));
}
