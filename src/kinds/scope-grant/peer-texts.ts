import { conditionOf } from "../../controller/conditions.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import type { OAuthApi } from "../oauth-api/schema.ts";
import { objectText } from "../relations/object-text.ts";
import { ANNOTATIONS } from "../schema/annotations.ts";

type Peer = M2MClient | OAuthApi;

/** Nobody works on it: its annotation says so. */
export const isPaused = ({ metadata }: Peer): boolean => metadata.annotations?.[ANNOTATIONS.paused] === "true";

/** Nobody works on it until a person has acted. */
const isStuck = ({ status }: Peer): boolean => conditionOf(status?.conditions, "Stalled") !== undefined;

/** Why a peer has no object at the provider. `isOwn`: it is in the namespace of the grant, which then learns the reason. */
export function absentText(peer: Peer, isOwn: boolean): string {
  if (isPaused(peer)) return pausedText(peer, isOwn, "has not been created at the provider");
  if (isStuck(peer)) return stuckText(peer, isOwn);
  return `${objectText(peer)} has not been created at the provider yet.`;
}

/** `what`: what the pause keeps from happening, after the name. */
export const pausedText = (peer: Peer, isOwn: boolean, what: string): string =>
  `${objectText(peer)} is paused (${ANNOTATIONS.paused}) and ${what}. ${isOwn ? "Resume it." : "Ask its owner to resume it."}`;

const stuckText = (peer: Peer, isOwn: boolean): string =>
  isOwn
    ? `${objectText(peer)} is not Ready (${reasonOf(peer)}). Read its condition.`
    : `${objectText(peer)} is not Ready. Ask its owner to read its condition.`;

/** An API may wait for a confirmation, or for its grants. */
export function deletedText(api: OAuthApi, isOwn: boolean): string {
  const why = isOwn && isStuck(api) ? ` (${reasonOf(api)})` : "";
  return `${objectText(api)} is being deleted${why}. Delete this ScopeGrant, or ask the owner of ${objectText(api)}.`;
}

const reasonOf = ({ status }: Peer): string => conditionOf(status?.conditions, "Stalled")?.reason ?? "Stalled";
