import type { ObjectKey } from "../controller/object-key.ts";
import type { PassResult } from "../controller/result.ts";
import { ProviderError } from "../ports/provider-error.ts";
import { providerObjectOf } from "../kinds/relations/dependents.ts";
import type { Connections } from "../tenant/connections.ts";
import type { WorkClass } from "../work/order.ts";
import type { Caches } from "./caches.ts";
import { laneOf } from "./lanes.ts";

interface DoubtParts {
  readonly caches: Caches;
  readonly connections: Pick<Connections, "doubt" | "failureOf">;
  readonly enqueue: (key: ObjectKey, workClass: WorkClass) => void;
  readonly now: () => Date;
}

/** How the tenant refuses the operator's credential, and that there is none. */
const REFUSALS: ReadonlySet<string> = new Set(["unauthorized", "no_credential", "forbidden", "role_missing"]);

/**
 * A pass failed in a way that may be its tenant's: the provider object tries for itself sooner than it would, since it
 * alone judges its connection. A deletion that waits for the tenant makes it try more often.
 */
export function doubtAfter(
  { caches, connections, enqueue, now }: DoubtParts,
  key: ObjectKey,
  result: PassResult,
): void {
  const isDoubtful = isTenants(result);
  if (key.kind.endsWith("IdentityProvider") || !(isDoubtful || isWaiting(result))) return;
  const [kind = "", namespace = "", name = ""] = laneOf(caches, key).split("/");
  const object = providerObjectOf(caches, namespace, { kind, name });
  if (object === undefined) return;
  const { uid } = object.metadata;
  if (isDoubtful) connections.doubt(uid, now());
  // What is known to fail is tried again by its own times, which a deletion shortens.
  if (isDoubtful || connections.failureOf(uid) !== undefined) enqueue({ kind, namespace, name }, "drift");
}

function isTenants(result: PassResult): boolean {
  if (result.kind === "stalled") return isOfCredential(result.refusedBy);
  if (result.kind !== "backoff") return false;
  return result.isRefusal === true ? isOfCredential(result.error) : result.error instanceof ProviderError;
}

const isOfCredential = (error: unknown): boolean => error instanceof ProviderError && REFUSALS.has(error.code);

/** Only deletions wait for their tenant with a time of their own. */
const isWaiting = (result: PassResult): boolean =>
  result.kind === "wait" && result.reason === "ProviderNotReady" && result.retryAfterMs !== undefined;
