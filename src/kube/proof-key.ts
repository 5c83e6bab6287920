import { randomBytes } from "node:crypto";
import type { Connection, KubeRequest } from "./connection.ts";
import { isNotFound, KubeError } from "./kube-error.ts";
import { collectionPath } from "./resources.ts";

const KEY_BYTES = 32;
const MEMBER = "key";

interface KeySecret {
  readonly data?: Readonly<Record<string, string>>;
}

interface KeyName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The key that proves what the operator wrote to status; made when there is none. All replicas share it: of two that
 * make it at once, the first wins. Rejects with a KubeError, or with an Error when the Secret holds no such key.
 */
export async function obtainProofKey(
  connection: Connection,
  { namespace, name }: KeyName,
  signal: AbortSignal,
): Promise<Buffer> {
  const path = collectionPath({ group: "", version: "v1", plural: "secrets" }, namespace);
  const answerTo = async (request: KubeRequest): Promise<Buffer> =>
    keyIn(await connection.request<KeySecret>({ ...request, signal }), `${namespace}/${name}`);
  const read = (): Promise<Buffer> => answerTo({ method: "GET", path: `${path}/${name}` });
  try {
    return await read();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  try {
    return await answerTo({ method: "POST", path, body: keySecret(namespace, name) });
  } catch (error) {
    if (!(error instanceof KubeError) || error.reason !== "AlreadyExists") throw error;
    return read();
  }
}

/** Immutable: another key would make everything unproven that was written so far. */
function keySecret(namespace: string, name: string): object {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace, name, labels: { "app.kubernetes.io/managed-by": "m2m-operator" } },
    type: "m2m-operator.io/proof-key",
    immutable: true,
    data: { [MEMBER]: randomBytes(KEY_BYTES).toString("base64") },
  };
}

function keyIn({ data }: KeySecret, name: string): Buffer {
  const key = Buffer.from(data?.[MEMBER] ?? "", "base64");
  if (key.length !== KEY_BYTES)
    throw new Error(
      `Secret ${name} does not hold a key of ${String(KEY_BYTES)} bytes. Restore it from a backup, or delete it and start the operator once with --recover.`,
    );
  return key;
}
