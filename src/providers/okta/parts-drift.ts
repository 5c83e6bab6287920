import type { Drift, Ref } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import { includedIn } from "./grant-bodies.ts";
import { EVERY_CLIENT, type ServerParts } from "./server-parts.ts";

interface DriftFacts {
  readonly server: Ref;
  readonly audience: string;
  readonly clientRef: (clientId: string) => Ref;
}

/** What a reading of one server found changed since the last; everything there is when it is the first. */
export function driftOf(facts: DriftFacts, before: ServerParts | undefined, after: ServerParts): readonly Drift[] {
  const { server } = facts;
  if (before === undefined) return [{ kind: "api", ref: server, isFirstRead: true }];
  const isApiChanged = digest([before.scopes, before.claims]) !== digest([after.scopes, after.claims]);
  return [...(isApiChanged ? [{ kind: "api", ref: server } as const] : []), ...grantDrift(facts, before, after)];
}

/** The clients that a changed policy was for, and those that it is for now: everybody, when that is all clients. */
function grantDrift(
  { server, audience, clientRef }: DriftFacts,
  before: ServerParts,
  after: ServerParts,
): readonly Drift[] {
  const all = [...before.policies, ...after.policies];
  const changed = all.filter(({ policy: { id } }) => digestIn(before, id) !== digestIn(after, id));
  const named = new Set(changed.flatMap(({ policy }) => includedIn(policy)));
  const touched = named.has(EVERY_CLIENT) ? new Set(all.flatMap(({ policy }) => includedIn(policy))) : named;
  return [...touched].map((clientId) => ({
    kind: "grant",
    ref: server,
    client: clientId === EVERY_CLIENT ? ALL_CLIENTS : clientRef(clientId),
    audience,
  }));
}

/** Answers to writes may not show the time that the next reading shows, nor others' places that moved. */
function digestIn({ policies }: ServerParts, id: string | undefined): string | undefined {
  const held = policies.find(({ policy }) => policy.id === id);
  return held === undefined ? undefined : digest(held);
}

const digest = (value: unknown): string => JSON.stringify(value, sorted);

const IGNORED = new Set(["lastUpdated", "created", "_links", "priority"]);

/** The order of members says nothing. */
function sorted(key: string, value: unknown): unknown {
  if (IGNORED.has(key)) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
