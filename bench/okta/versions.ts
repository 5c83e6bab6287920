import { GROUP, KINDS, VERSION } from "../../src/kinds/registry.ts";
import type { Connection } from "../../src/kube/connection.ts";
import { collectionPath } from "../../src/kube/resources.ts";

/** Resource versions of everything the operator might write, the Lease aside. */
export type Versions = ReadonlyMap<string, string>;

interface List {
  readonly items: readonly {
    readonly metadata: { readonly namespace?: string; readonly name: string; readonly resourceVersion: string };
  }[];
}

const COLLECTIONS = [
  ...KINDS.map(({ plural }) => ({ group: GROUP, version: VERSION, plural })),
  ...["secrets", "configmaps"].map((plural) => ({ group: "", version: "v1", plural })),
];

export async function readVersions(connection: Connection): Promise<Versions> {
  const versions = new Map<string, string>();
  for (const collection of COLLECTIONS) {
    const { items } = await connection.request<List>({ method: "GET", path: collectionPath(collection, "") });
    for (const { metadata } of items)
      versions.set(`${collection.plural} ${metadata.namespace ?? ""}/${metadata.name}`, metadata.resourceVersion);
  }
  return versions;
}

/** What was written, made or removed in between. */
export function writtenBetween(before: Versions, after: Versions): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
}

/** The one object that answers a requested refresh. */
export const isProvider = (key: string): boolean => key.startsWith("clusteridentityproviders ");
