import { afterAll } from "vitest";
import { KINDS } from "../../src/kinds/registry.ts";
import { admin, type Cluster } from "./cluster.ts";
import { endForgotten } from "./running-operators.ts";

/**
 * After a file that failed half way, an operator may still run, and objects may still carry a finalizer. The next file on
 * the same control plane must not fail for that: both operators would reconcile the objects of both.
 */
afterAll(async () => {
  const forgotten = await endForgotten();
  const cluster = admin();
  try {
    const kept = (await Promise.all(KINDS.map(({ kind }) => released(cluster, kind)))).flat();
    const left = [...(forgotten > 0 ? [`${String(forgotten)} running operators`] : []), ...kept];
    if (left.length > 0) console.warn(`Left behind by this file and removed: ${left.slice(0, 20).join(", ")}`);
  } finally {
    await cluster.close();
  }
});

/** Deletes every object of this kind, also where a finalizer holds it. */
async function released(cluster: Cluster, kind: string): Promise<readonly string[]> {
  const objects = await cluster.list(kind, "");
  await Promise.all(
    objects.map(async ({ metadata: { namespace = "", name } }) => {
      await cluster.remove(kind, namespace, name);
      await cluster.patch(kind, namespace, name, { metadata: { finalizers: null } }).catch(() => undefined);
    }),
  );
  return objects.map(({ metadata: { namespace = "", name } }) => `${kind} ${namespace}/${name}`);
}
