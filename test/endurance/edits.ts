import { setTimeout as delay } from "node:timers/promises";
import type { AnyObject, Cluster } from "../integration/cluster.ts";
import type { Random } from "./random.ts";

/** Objects of each kind in each namespace that are edited. */
const EACH = 3;
const SCOPES = ["read", "write", "delete", "audit"] as const;
const providerRef = { kind: "IdentityProvider", name: "tenant" };
const numbers = Array.from({ length: EACH }, (_, index) => String(index));

export interface Edits {
  /** Creates everything. */
  begin(): Promise<void>;
  /** Edits at random until aborted; resolves with how often, once every edit has arrived. */
  run(signal: AbortSignal): Promise<number>;
}

const resource = (kind: string, namespace: string, name: string, spec: object): AnyObject => ({
  apiVersion: "m2m-operator.io/v1alpha1",
  kind,
  metadata: { name, namespace },
  spec: { ...spec },
});
const apiOf = (namespace: string, n: string, scopes: readonly string[]): AnyObject =>
  resource("OAuthApi", namespace, `api-${n}`, {
    ...{ providerRef, audience: `https://${namespace}.example.com/${n}` },
    scopes: scopes.map((name) => ({ name })),
  });
const clientOf = (namespace: string, n: string, title: string): AnyObject =>
  resource("M2MClient", namespace, `client-${n}`, { providerRef, displayName: `${namespace} ${n} ${title}` });
const grantOf = (namespace: string, n: string, scopes: readonly string[]): AnyObject =>
  resource("ScopeGrant", namespace, `grant-${n}`, {
    ...{ clientRef: { name: `client-${n}` }, apiRef: { name: `api-${n}` }, scopes },
  });

/** Edits of real resources, straight at the API server. */
export function createEdits(cluster: Cluster, namespaces: readonly string[], random: Random): Edits {
  const replacing: Promise<void>[] = [];
  const replaced = new Set<string>();
  let count = 0;
  /** Anyone who edits tries again while the API server is away. */
  const insist = async (edit: () => Promise<unknown>): Promise<void> => {
    for (let tries = 0; ; tries++)
      try {
        await edit();
        return;
      } catch (error) {
        if (tries > 600) throw error;
        await delay(250);
      }
  };
  /** Deleted and made again, under the same name. */
  const replace = async (object: AnyObject): Promise<void> => {
    const { kind, metadata } = object;
    const { namespace = "", name } = metadata;
    await insist(async () => {
      await cluster.remove(kind, namespace, name);
      if ((await cluster.get(kind, namespace, name)) !== undefined) throw new Error("it is still there");
    });
    await insist(() => cluster.apply(object));
    replaced.delete(`${kind}/${namespace}/${name}`);
  };
  const edit = async (): Promise<void> => {
    const [namespace, n] = [random.pick(namespaces), random.pick(numbers)];
    const scopes = SCOPES.filter(() => random.next() < 0.6).slice(0, 3);
    const title = String(count);
    const object = random.pick([
      apiOf(namespace, n, [...SCOPES, `extra-${title}`]),
      clientOf(namespace, n, title),
      grantOf(namespace, n, scopes.length === 0 ? ["read"] : scopes),
    ]);
    const key = `${object.kind}/${namespace}/${object.metadata.name}`;
    if (replaced.has(key)) return;
    count += 1;
    const what = random.next();
    if (what < 0.1) await insist(() => cluster.remove("Secret", namespace, `client-${n}`));
    else if (what < 0.3 && object.kind !== "OAuthApi") {
      replaced.add(key);
      replacing.push(replace(object));
    } else await insist(() => cluster.apply(object));
  };
  return {
    begin: async () => {
      for (const namespace of namespaces)
        for (const n of numbers)
          for (const object of [
            apiOf(namespace, n, SCOPES),
            clientOf(namespace, n, "first"),
            grantOf(namespace, n, ["read"]),
          ])
            await cluster.apply(object);
    },
    run: async (signal) => {
      while (!signal.aborted) {
        await edit();
        await delay(random.between(20, 400));
      }
      await Promise.all(replacing);
      return count;
    },
  };
}
