import { listed } from "../../../ports/listed.ts";
import type { KindContext } from "../../kind-context.ts";
import type { Desired, Observed } from "../model.ts";
import { formerAt } from "../publication/plan.ts";
import type { M2MClient } from "../schema.ts";
import { volumesRenewedAt } from "./pods.ts";

/** A wait for Pods that ends only when a person restarts them, or when it has lasted long enough. */
interface PodWait {
  readonly pods: readonly string[];
  readonly until: Date;
  /** `old`: they use the credential that is to be revoked. `next`: they do not know the one that is to come into force. */
  readonly for: "old" | "next";
}

/** When the operator stops waiting for the Pods that status names; `undefined` while it waits for none. */
export function waitEnd(desired: Desired, observed: Observed, now: Date): Date | undefined {
  const { formerPods } = observed.rotation;
  const wait = podWait(desired, observed, now);
  if (wait !== undefined) return wait.until;
  return formerPods.kind === "read" && formerPods.waiting.length > 0 ? formerAt(desired, observed, now) : undefined;
}

/** Files of plain volumes are renewed without anybody: for as long as that takes, nobody has to restart anything. */
function podWait({ rotation }: Desired, { state, rotation: { pods } }: Observed, now: Date): PodWait | undefined {
  if (pods.kind !== "read" || pods.waiting.length === 0) return undefined;
  const isNext = state.next?.life.isShown === true;
  const since = isNext ? state.next?.life.announcedAt : state.current?.life.publishedAt;
  if (since === undefined || now < volumesRenewedAt(since)) return undefined;
  const waitMs = (isNext ? rotation.announceMs : rotation.overlapMs) + rotation.maxWaitMs;
  return { pods: pods.waiting, until: new Date(since.getTime() + waitMs), for: isNext ? "next" : "old" };
}

const MAX_PODS = 10;

/** Records an event when a rotation begins to wait for Pods, and when the end of that wait changes. */
export function announceWaiting(
  { events, now }: Pick<KindContext, "events" | "now">,
  resource: M2MClient,
  desired: Desired,
  observed: Observed,
): void {
  const wait = podWait(desired, observed, now());
  if (wait === undefined || resource.status?.waitingForPodsUntil === wait.until.toISOString()) return;
  events.record(resource, "Warning", "WaitingForPods", messageOf(wait));
}

function messageOf({ pods, until, for: what }: PodWait): string {
  const names = listed(pods, MAX_PODS);
  const end = until.toISOString();
  return what === "old"
    ? `Pods still use the old credential: ${names}. Restart them. The old credential is valid until no Pod uses it, at most until ${end}.`
    : `Pods started before the Secret showed the next credential: ${names}. Restart them. The next credential comes into force once they have restarted, at the latest at ${end}.`;
}
