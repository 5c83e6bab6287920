import { type AnyObject, type Cluster, eventually } from "../../integration/cluster.ts";
import type { Random } from "../random.ts";

export const VENDORS = ["auth0", "okta"] as const;
export type Vendor = (typeof VENDORS)[number];

/** Objects of each namespace at each vendor; every pair of a client and an API has one grant at most. */
const APIS = 6;
const CLIENTS = 8;
const GRANTS = 11;
const SCOPES = ["read", "write", "delete", "audit"] as const;
const GONE_MS = 120_000;

/** What people want of the cluster, and how they change their minds. */
export interface Wishes {
  readonly count: number;
  /** Creates everything. */
  begin(): Promise<void>;
  /** One change of mind; says which. */
  change(): Promise<string>;
  /** Creates what was deleted for a while, once its deletion is over. */
  restore(): Promise<void>;
}

const keyOf = ({ kind, metadata }: AnyObject): string => `${kind}/${String(metadata.namespace)}/${metadata.name}`;

const resource = (kind: string, namespace: string, name: string, spec: object): AnyObject => ({
  apiVersion: "m2m-operator.io/v1alpha1",
  kind,
  metadata: { name, namespace },
  spec: { ...spec },
});

function apiOf(namespace: string, vendor: Vendor, n: number, extra: readonly string[] = []): AnyObject {
  return resource("OAuthApi", namespace, `${vendor}-api-${String(n)}`, {
    providerRef: { kind: "ClusterIdentityProvider", name: vendor },
    audience: `https://${namespace}.example.com/${vendor}/${String(n)}`,
    scopes: [...SCOPES, ...extra].map((name) => ({ name, description: `May ${name}` })),
  });
}

function clientOf(namespace: string, vendor: Vendor, n: number, title = "first"): AnyObject {
  return resource("M2MClient", namespace, `${vendor}-client-${String(n)}`, {
    providerRef: { kind: "ClusterIdentityProvider", name: vendor },
    displayName: `${namespace} ${vendor} ${String(n)} ${title}`,
    secret: { primaryGrant: `${vendor}-grant-${String(n)}` },
    rotation: { announce: "1s", overlap: "2s", waitForPods: "None" },
  });
}

function grantOf(namespace: string, vendor: Vendor, n: number, scopes: readonly string[] = ["read"]): AnyObject {
  return resource("ScopeGrant", namespace, `${vendor}-grant-${String(n)}`, {
    clientRef: { name: `${vendor}-client-${String(n % CLIENTS)}` },
    apiRef: { name: `${vendor}-api-${String((n + Math.floor(n / CLIENTS)) % APIS)}` },
    scopes,
  });
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

function everything(namespaces: readonly string[]): readonly AnyObject[] {
  return namespaces.flatMap((namespace) =>
    VENDORS.flatMap((vendor) => [
      ...numbers(APIS).map((n) => apiOf(namespace, vendor, n)),
      ...numbers(CLIENTS).map((n) => clientOf(namespace, vendor, n)),
      ...numbers(GRANTS).map((n) => grantOf(namespace, vendor, n)),
    ]),
  );
}

export function createWishes(cluster: Cluster, namespaces: readonly string[], random: Random): Wishes {
  const wanted = new Map(everything(namespaces).map((object) => [keyOf(object), object]));
  const deleted = new Set<string>();
  let edits = 0;
  const edited = (namespace: string, vendor: Vendor): AnyObject => {
    const scopes = SCOPES.filter(() => random.next() < 0.5);
    return random.pick([
      () => apiOf(namespace, vendor, random.between(0, APIS - 1), [`extra-${String(edits)}`]),
      () => clientOf(namespace, vendor, random.between(0, CLIENTS - 1), String(edits)),
      () => grantOf(namespace, vendor, random.between(0, GRANTS - 1), scopes.length === 0 ? ["audit"] : scopes),
    ])();
  };
  const edit = async (namespace: string, vendor: Vendor): Promise<string> => {
    const object = edited(namespace, vendor);
    const key = keyOf(object);
    wanted.set(key, object);
    if (deleted.has(key)) return `changed the plan for ${key}`;
    await cluster.apply(object);
    return `edited ${key}`;
  };
  const remove = async (): Promise<string> => {
    const object = random.pick([...wanted.values()]);
    deleted.add(keyOf(object));
    await cluster.remove(object.kind, object.metadata.namespace ?? "", object.metadata.name);
    return `deleted ${keyOf(object)}`;
  };
  const putBack = async (key: string): Promise<string> => {
    const object = wanted.get(key);
    if (object === undefined) throw new Error(`nobody ever wanted ${key}`);
    const { namespace = "", name } = object.metadata;
    if ((await cluster.get(object.kind, namespace, name)) !== undefined) return `${key} is still being deleted`;
    await cluster.apply(object);
    deleted.delete(key);
    return `made ${key} anew`;
  };
  const onClient = async (namespace: string, vendor: Vendor): Promise<string> => {
    const name = `${vendor}-client-${String(random.between(0, CLIENTS - 1))}`;
    if (deleted.has(`M2MClient/${namespace}/${name}`)) return `${name} is deleted`;
    if (random.next() < 0.5) {
      await cluster.remove("Secret", namespace, name);
      return `deleted the Secret of ${namespace}/${name}`;
    }
    const annotations = { "m2m-operator.io/rotate-requested-at": `soak-${String(edits)}` };
    await cluster.patch("M2MClient", namespace, name, { metadata: { annotations } });
    return `asked for a rotation of ${namespace}/${name}`;
  };
  return {
    count: wanted.size,
    begin: async () => {
      for (const object of wanted.values()) await cluster.apply(object);
    },
    change: () => {
      edits += 1;
      const [namespace, vendor, what] = [random.pick(namespaces), random.pick(VENDORS), random.next()];
      const [first] = deleted;
      if (first !== undefined && (what < 0.15 || deleted.size > 10)) return putBack(first);
      if (what < 0.3) return remove();
      return what < 0.45 ? onClient(namespace, vendor) : edit(namespace, vendor);
    },
    restore: async () => {
      for (const key of [...deleted])
        await eventually(
          () => putBack(key),
          (said) => said.startsWith("made"),
          `${key} anew`,
          GONE_MS,
        );
    },
  };
}
