import type { ObjectKey } from "../controller/object-key.ts";
import type { ReconcileResult } from "../controller/result.ts";
import type { Connections } from "../tenant/connections.ts";
import type { WorkClass } from "../work/order.ts";
import type { Caches } from "./caches.ts";
import { laneOf } from "./lanes.ts";

/** What a pass of one resource may meet and only its provider object can judge. */
const DOUBTFUL: ReadonlySet<string> = new Set(["CredentialsInvalid", "ProviderUnavailable"]);

/** A resource was refused or not answered: its provider object reads the tenant soon, and not only when that is due. */
export function doubtAfter(
  caches: Caches,
  connections: Connections,
  enqueue: (key: ObjectKey, workClass: WorkClass) => void,
): (key: ObjectKey, result: ReconcileResult) => void {
  return (key, result) => {
    if (!("reason" in result) || !DOUBTFUL.has(result.reason)) return;
    const provider = providerOf(caches, key);
    if (provider === undefined || provider.key.kind === key.kind) return;
    if (connections.doubt(provider.uid)) enqueue(provider.key, "drift");
  };
}

/** The work of a key waits for its provider object's tenant: its lane is the key of that object. */
function providerOf(caches: Caches, key: ObjectKey): { readonly key: ObjectKey; readonly uid: string } | undefined {
  const [kind = "", namespace = "", name = ""] = laneOf(caches, key).split("/");
  const store = kind === "ClusterIdentityProvider" ? caches.clusterIdentityProviders : caches.identityProviders;
  const uid = store.get(namespace, name)?.metadata.uid;
  return uid === undefined ? undefined : { key: { kind, namespace, name }, uid };
}
