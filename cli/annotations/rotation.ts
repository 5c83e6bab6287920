import { counted } from "../counted.ts";
import { conditionOf } from "../../src/controller/conditions.ts";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import { ANNOTATIONS, requestOf } from "../../src/kinds/schema/annotations.ts";
import type { Progress } from "../progress.ts";
import { readiness, stuckProgress } from "./progress.ts";

/** What `rotate --wait` waits for. */
export type RotationEnd = "in-force" | "revoked";

type Credential = NonNullable<NonNullable<M2MClient["status"]>["credentials"]>[number];

/** After `rotate`: the new credential is in force, or the old one is also revoked. */
export function rotationProgress(client: M2MClient, until: RotationEnd): Progress {
  const { metadata, status } = client;
  const request = requestOf(metadata, ANNOTATIONS.rotateRequestedAt);
  if (status?.lastHandledRotateAt !== request) return notInForce(client);
  const ready = readiness(client);
  if (ready.state !== "done") return ready;
  const isRevoked = status?.rotation === "Idle";
  if (until === "revoked" && !isRevoked) return { state: "waiting", text: oldCredential(client) };
  return { state: "done", text: `The new credential is in force. ${oldCredential(client)}` };
}

function notInForce(client: M2MClient): Progress {
  const { conditions, rotation } = client.status ?? {};
  const stuck = stuckProgress(client);
  if (stuck !== undefined) return stuck;
  const pending = conditionOf(conditions, "RotationPending");
  if (pending !== undefined) return { state: "waiting", text: pending.message };
  if (rotation === "Preparing") return { state: "waiting", text: "The operator registers the new credential." };
  if (rotation === "Announced")
    return { state: "waiting", text: "The Secret shows the next credential. It is not in force yet." };
  return { state: "waiting", text: "The operator has not handled the request yet." };
}

/** Since the leak every credential was replaced. */
export function compromiseProgress(client: M2MClient): Progress {
  const at = Date.parse(client.metadata.annotations?.[ANNOTATIONS.compromisedAt] ?? "");
  const { credentials = [], conditions } = client.status ?? {};
  const stuck = stuckProgress(client);
  if (stuck !== undefined) return stuck;
  const old = credentials.filter(({ createdAt }) => Date.parse(createdAt) < at);
  const isReplaced = credentials.some(({ state }) => state === "Current") && old.length === 0;
  if (!isReplaced) {
    const pending = conditionOf(conditions, "RotationPending");
    const count = counted(old.length, "credential is", "credentials are");
    return { state: "waiting", text: pending?.message ?? `${count} not revoked yet.` };
  }
  const ready = readiness(client);
  return ready.state === "done"
    ? { state: "done", text: "Every older credential is revoked. Issued tokens stay valid until they expire." }
    : ready;
}

/** What becomes of the old credential, and which Pods still use it. */
function oldCredential({ status }: M2MClient): string {
  if (status?.rotation === "Idle") return "The old credential is revoked.";
  const retiring = (status?.credentials ?? []).find(({ state }) => state === "Retiring");
  const pods = status?.waitingForPods ?? [];
  const held = pods.length === 0 ? "" : ` These Pods still use it and must restart: ${pods.join(", ")}.`;
  // Where the provider accepts one credential at a time, there is no such time.
  if (retiring?.retireAt === undefined) return `The operator is retiring the old credential.${held}`;
  return `The old credential is valid at least until ${retiring.retireAt}.${held}`;
}

/**
 * The time for the annotation compromised-at that covers every credential that status knows: just after the last of them
 * came into force. Times in status are of the operator's clock, which may differ from the clock of this machine. Falls
 * back to `now`.
 */
export function compromiseTime({ status }: M2MClient, now: Date): string {
  const times = [...(status?.credentials ?? []).map(({ createdAt }: Credential) => createdAt), status?.lastRotationAt]
    .map((text) => Date.parse(text ?? ""))
    .filter((time) => !Number.isNaN(time));
  return new Date(times.length === 0 ? now.getTime() : Math.max(...times) + 1).toISOString();
}
