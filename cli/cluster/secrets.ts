import { isNotFound } from "../../src/kube/kube-error.ts";
import { collectionPath } from "../../src/kube/resources.ts";
import { Failure } from "../failure.ts";
import type { OpenCluster } from "./open.ts";
import { explained } from "./refusal.ts";

/** The values of a Secret by key. Throws a Failure when there is none, with `advice`, or when the user may not get it. */
export async function readSecret(
  { connection }: OpenCluster,
  namespace: string,
  name: string,
  advice: string,
): Promise<Readonly<Record<string, string>>> {
  const path = `${collectionPath({ group: "", version: "v1", plural: "secrets" }, namespace)}/${name}`;
  try {
    const { data = {} } = await connection.request<{ readonly data?: Readonly<Record<string, string>> }>({
      method: "GET",
      path,
    });
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
    );
  } catch (error) {
    if (isNotFound(error)) throw new Failure(`Secret ${namespace}/${name} does not exist.`, advice);
    throw explained(error, { verb: "get", plural: "secrets", group: "", namespace }, connection.host);
  }
}
