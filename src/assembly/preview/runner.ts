import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { keyOfObject, type ObjectKey } from "../../controller/object-key.ts";
import {
  type ChangePreview,
  type ChangePreviewStatus,
  changePreviewSchema,
} from "../../kinds/change-preview/schema.ts";
import { makeKeyPair } from "../../kinds/m2m-client/credential/key-pair.ts";
import { CHANGE_PREVIEW, GROUP, VERSION } from "../../kinds/registry.ts";
import type { Connection } from "../../kube/connection.ts";
import { isNotFound } from "../../kube/kube-error.ts";
import { collectionPath } from "../../kube/resources.ts";
import type { KubeObject, Store } from "../../kube/store.ts";
import type { Clock } from "../../ports/clock.ts";
import { type KeyType, keyTypeFor } from "../../ports/signing-algorithms.ts";
import type { PreviewKey } from "../../preview/tenant/tokens.ts";
import type { Change } from "./change.ts";
import { readChange } from "./manifests.ts";
import { previewChange } from "./preview.ts";
import { failedStatus, LARGEST_BYTES, previewStatus } from "./report.ts";
import { createPreviewTurns, oldestFirst } from "./turns.ts";
import type { LiveWorld } from "./world.ts";

export interface PreviewRunnerParts {
  readonly connection: Connection;
  /** The previews that there are, metadata alone. */
  readonly store: Store<KubeObject>;
  readonly live: LiveWorld;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether this process works on the object's tenant now. */
  readonly isOurs: (key: ObjectKey) => boolean;
}

const MAX_PER_NAMESPACE = 10;
const KEPT_MS = 10 * 60_000;
const LONGEST_MS = 60_000;
const INTERVAL_MS = 250;
/** For how long a preview waits for the first try to connect to each tenant, in milliseconds. */
const CONNECTING_MS = 30_000;
/** How soon to check again whether a preview has become this process's own. */
const RETRY_MS = 5000;

/** Works on one preview after the other, as long as this process works on the tenants. */
export async function runPreviews(parts: PreviewRunnerParts, signal: AbortSignal): Promise<void> {
  const { clock, store, log } = parts;
  const turns = createPreviewTurns();
  const key = onceMade();
  while (!signal.aborted) {
    const due = turns.next(store.list(), clock.monotonicMs());
    if (due === undefined) {
      await delay(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
      continue;
    }
    const { name, namespace } = due.metadata;
    const again = await work(parts, due, key, signal).catch(async (error: unknown) => {
      log.warn({ error, name, namespace }, "a preview failed, trying again");
      await giveUp(parts, due).catch(() => undefined);
      return RETRY_MS;
    });
    const now = clock.monotonicMs();
    turns.taken(due, now, now + again);
  }
}

/** Made with the first preview that needs one for the type of key, and kept. */
function onceMade(): (algorithm: string) => Promise<PreviewKey> {
  const made = new Map<KeyType, Promise<PreviewKey>>();
  return (algorithm) => {
    const type = keyTypeFor(algorithm);
    const key = made.get(type) ?? makeKeyPair(algorithm);
    made.set(type, key);
    return key;
  };
}

const pathOf = ({ metadata }: KubeObject): string =>
  `${collectionPath({ group: GROUP, version: VERSION, plural: CHANGE_PREVIEW.plural }, metadata.namespace)}/${metadata.name}`;

/** Returns after how many milliseconds to come back to it. */
async function work(
  parts: PreviewRunnerParts,
  head: KubeObject,
  key: (algorithm: string) => Promise<PreviewKey>,
  signal: AbortSignal,
): Promise<number> {
  const { connection, clock } = parts;
  const preview = await read(connection, head);
  if (preview === undefined || preview.metadata.uid !== head.metadata.uid) return RETRY_MS;
  const { finishedAt } = preview.status ?? {};
  if (finishedAt !== undefined) return expire(parts, head, new Date(finishedAt));
  const change = changeOf(preview);
  const isMine = "change" in change ? isOurs(parts, change.change) : parts.isOurs(keyOf(head));
  if (!isMine) return RETRY_MS;
  if (isConnecting(parts) && clock.now().getTime() - timeOf(preview) < CONNECTING_MS) return INTERVAL_MS;
  const refused = refusalOf(parts, preview, change);
  const status = "change" in refused ? await resultOf(parts, preview, refused.change, key, signal) : refused;
  await write(connection, preview, status);
  return KEPT_MS;
}

/** The status of a preview that is not made; otherwise its change. */
function refusalOf(
  { store, clock }: PreviewRunnerParts,
  preview: ChangePreview,
  change: ReturnType<typeof readChange>,
): ChangePreviewStatus | { readonly change: Change } {
  const { generation = 1, namespace = "" } = preview.metadata;
  const options = { generation, now: clock.now() };
  if (positionOf(store, preview) >= MAX_PER_NAMESPACE) {
    const message = `Namespace ${namespace} has more than ${String(MAX_PER_NAMESPACE)} ChangePreviews. Delete some, and create this one again.`;
    return failedStatus(options, "TooManyPreviews", message);
  }
  if (bytesOf(preview) > LARGEST_BYTES) {
    const message = "The preview is so large that its result has no room beside it. Preview fewer resources at once.";
    return failedStatus(options, "PreviewInvalid", message);
  }
  return "problem" in change ? failedStatus(options, "PreviewInvalid", change.problem) : change;
}

const bytesOf = ({ status: _status, ...preview }: ChangePreview): number => Buffer.byteLength(JSON.stringify(preview));

async function resultOf(
  { live, clock, log }: PreviewRunnerParts,
  preview: ChangePreview,
  change: Change,
  key: (algorithm: string) => Promise<PreviewKey>,
  signal: AbortSignal,
): Promise<ChangePreviewStatus> {
  const { namespace = "", name, generation = 1 } = preview.metadata;
  const timed = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  try {
    const result = await previewChange({ live, key, signal: timed }, change);
    log.info({ namespace, name, outcome: result.outcome, passes: result.passes }, "a preview is finished");
    return previewStatus(result, { namespace, generation, ownBytes: bytesOf(preview), now: clock.now() });
  } catch (error) {
    log.warn({ namespace, name, error }, "a preview failed");
    const message =
      "The operator could not finish the preview. Nothing was changed. Create it again, or read the operator's log.";
    return failedStatus({ generation, now: clock.now() }, "PreviewFailed", message);
  }
}

/** Bounds and formats were checked by the API server. */
function changeOf(preview: ChangePreview): ReturnType<typeof readChange> {
  const { success, data } = changePreviewSchema.safeParse(preview);
  return success
    ? readChange(preview.metadata.namespace ?? "", data.spec)
    : {
        problem:
          "spec does not fit the schema of this operator. Install the CRDs of this version, and create the preview again.",
      };
}

/** A tenant that this process works on was not tried yet, as after a start. */
function isConnecting({ live, isOurs }: PreviewRunnerParts): boolean {
  const { caches, context } = live;
  const { connections } = context;
  return [...caches.clusterIdentityProviders.list(), ...caches.identityProviders.list()].some((provider) => {
    const { uid } = provider.metadata;
    if (!isOurs(keyOfObject(provider)) || connections.failureOf(uid) !== undefined) return false;
    return connections.get(uid)?.provider.refreshedAt() === undefined;
  });
}

const timeOf = ({ metadata }: ChangePreview): number => Date.parse(metadata.creationTimestamp ?? "");

const keyOf = ({ metadata }: KubeObject): ObjectKey => ({
  kind: CHANGE_PREVIEW.kind,
  namespace: metadata.namespace ?? "",
  name: metadata.name,
});

/** By the provider of its first object that exists or names one. */
function isOurs({ isOurs }: PreviewRunnerParts, { namespace, apply, remove }: Change): boolean {
  const ref = apply
    .map(
      ({ spec }) => (spec as { readonly providerRef?: { readonly kind: string; readonly name: string } }).providerRef,
    )
    .find((one) => one !== undefined);
  if (ref !== undefined)
    return isOurs({ kind: ref.kind, namespace: ref.kind.startsWith("Cluster") ? "" : namespace, name: ref.name });
  const [first] = [...apply, ...remove];
  return first !== undefined && isOurs({ kind: first.kind, namespace, name: first.name });
}

/** How many older previews the namespace has. */
function positionOf(store: Store<KubeObject>, head: KubeObject): number {
  const siblings = store.list().filter(({ metadata }) => metadata.namespace === head.metadata.namespace);
  return oldestFirst(siblings).findIndex(({ metadata }) => metadata.uid === head.metadata.uid);
}

async function read(connection: Connection, head: KubeObject): Promise<ChangePreview | undefined> {
  try {
    return await connection.request<ChangePreview>({ method: "GET", path: pathOf(head) });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function write(connection: Connection, preview: ChangePreview, status: ChangePreviewStatus): Promise<void> {
  const { apiVersion, kind, metadata, spec } = preview;
  const { name, namespace, uid, resourceVersion } = metadata;
  const body = { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, spec, status };
  try {
    await connection.request({
      method: "PUT",
      path: `${pathOf(preview)}/status`,
      query: { fieldValidation: "Strict" },
      body,
    });
  } catch (error) {
    // The one who requested it has deleted it.
    if (!isNotFound(error)) throw error;
  }
}

/** Deletes what was finished ten minutes ago. */
async function expire({ connection, clock }: PreviewRunnerParts, head: KubeObject, finishedAt: Date): Promise<number> {
  const leftMs = finishedAt.getTime() + KEPT_MS - clock.now().getTime();
  if (leftMs > 0) return leftMs;
  await remove(connection, head);
  return RETRY_MS;
}

/** Deletes what fails again and again, as old as a finished one may become. */
async function giveUp({ connection, clock }: PreviewRunnerParts, head: KubeObject): Promise<void> {
  const createdAt = Date.parse(head.metadata.creationTimestamp ?? "");
  if (clock.now().getTime() - createdAt > KEPT_MS) await remove(connection, head);
}

async function remove(connection: Connection, head: KubeObject): Promise<void> {
  const body = { preconditions: { uid: head.metadata.uid } };
  try {
    await connection.request({ method: "DELETE", path: pathOf(head), body });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
