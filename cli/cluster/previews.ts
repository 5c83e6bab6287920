import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { ChangePreview } from "../../src/kinds/change-preview/schema.ts";
import { CHANGE_PREVIEW, GROUP, VERSION } from "../../src/kinds/registry.ts";
import { collectionPath } from "../../src/kube/resources.ts";
import { Failure } from "../failure.ts";
import type { NamespaceChange } from "../plan/documents.ts";
import type { OpenCluster } from "./open.ts";
import { type Attempt, explained } from "./refusal.ts";

const { plural, kind } = CHANGE_PREVIEW;
const INTERVAL_MS = 250;
/** Each answer is as large as the preview. */
const LONGEST_INTERVAL_MS = 2000;

/** Asks the operator, waits for its answer, and deletes the question whatever comes. */
export async function previewOf(
  cluster: OpenCluster,
  change: NamespaceChange,
  timeoutMs: number,
): Promise<ChangePreview> {
  const { namespace, manifests, delete: deletions } = change;
  const name = `plan-${randomBytes(6).toString("hex")}`;
  const collection = collectionPath({ group: GROUP, version: VERSION, plural }, namespace);
  const body = {
    apiVersion: `${GROUP}/${VERSION}`,
    ...{ kind, metadata: { name, namespace } },
    spec: { manifests, delete: deletions },
  };
  const path = `${collection}/${name}`;
  await asked(cluster, "create", namespace, { method: "POST", path: collection, body });
  try {
    return await finished(cluster, namespace, path, timeoutMs);
  } finally {
    // The operator deletes it after ten minutes anyway.
    await cluster.connection.request({ method: "DELETE", path }).catch(() => undefined);
  }
}

async function finished(
  cluster: OpenCluster,
  namespace: string,
  path: string,
  timeoutMs: number,
): Promise<ChangePreview> {
  const until = performance.now() + timeoutMs;
  for (
    let interval = INTERVAL_MS;
    performance.now() < until;
    interval = Math.min(interval * 1.5, LONGEST_INTERVAL_MS)
  ) {
    const preview = (await asked(cluster, "get", namespace, { method: "GET", path })) as ChangePreview;
    if (preview.status?.finishedAt !== undefined) return preview;
    await pause(interval);
  }
  throw new Failure(
    `The operator did not finish the preview of namespace ${namespace} in time.`,
    "Check that the operator runs and watches the namespace, or set a longer --timeout.",
  );
}

async function asked(
  { connection }: OpenCluster,
  verb: Attempt["verb"],
  namespace: string,
  request: Parameters<OpenCluster["connection"]["request"]>[0],
): Promise<unknown> {
  try {
    return await connection.request(request);
  } catch (error) {
    throw explained(error, { verb, plural, group: GROUP, namespace }, connection.host);
  }
}
