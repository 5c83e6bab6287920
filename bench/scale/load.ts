import { apply, type Document, pathOf } from "../../demo/environment.ts";
import type { Connection } from "../../src/kube/connection.ts";

/** Requests at a time, as `kubectl apply` of many files by a pipeline of that many jobs. */
const AT_ONCE = 16;

export interface Created {
  readonly index: number;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Creates them in order, some at a time, and tells of each. */
export async function createAll(
  connection: Connection,
  documents: readonly Document[],
  onCreated: (created: Created) => void = () => undefined,
): Promise<void> {
  const queue = documents.entries();
  const work = async (): Promise<void> => {
    for (const [index, document] of queue) {
      const { metadata } = await connection.request<{ readonly metadata: Omit<Created, "index"> }>({
        method: "POST",
        path: pathOf(document),
        body: document,
      });
      onCreated({ index, uid: metadata.uid, resourceVersion: metadata.resourceVersion });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

export async function createNamespaces(connection: Connection, documents: readonly Document[]): Promise<void> {
  const names = new Set(documents.map(({ metadata }) => metadata.namespace ?? ""));
  for (const name of names) await apply(connection, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
}
