import type { Drift, Ref } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import { includedIn } from "./grant-bodies.ts";
import { EVERY_CLIENT, type PolicyParts, type ServerParts } from "./server-parts.ts";

interface DriftFacts {
  readonly server: Ref;
  readonly audience: string;
  readonly clientRef: (clientId: string) => Ref;
}

/** What a reading of one server found changed since the last; everything there is when it is the first. */
export function driftOf(facts: DriftFacts, before: ServerParts | undefined, after: ServerParts): readonly Drift[] {
  const { server } = facts;
  if (before === undefined) return [{ kind: "api", ref: server, isFirstLook: true }];
  const isApiChanged = digest([before.scopes, before.claims]) !== digest([after.scopes, after.claims]);
  const ids = new Set([...before.policies, ...after.policies].map(({ policy }) => policy.id));
  const grants = [...ids].flatMap((id) => {
    const [old, now] = [before, after].map(({ policies }) => policies.find(({ policy }) => policy.id === id));
    return digestOf(old) === digestOf(now) ? [] : grantDrift(facts, old, now);
  });
  return [...(isApiChanged ? [{ kind: "api", ref: server } as const] : []), ...grants];
}

/** For whoever the policy was for, and whoever it is for now. */
function grantDrift(
  { server, audience, clientRef }: DriftFacts,
  before: PolicyParts | undefined,
  after: PolicyParts | undefined,
): readonly Drift[] {
  const included = new Set([before, after].flatMap((held) => (held === undefined ? [] : includedIn(held.policy))));
  return [...included].map((clientId) => ({
    kind: "grant",
    ref: server,
    client: clientId === EVERY_CLIENT ? ALL_CLIENTS : clientRef(clientId),
    audience,
  }));
}

const digest = (value: unknown): string => JSON.stringify(value, sorted);

/** Answers to writes may not show the time that the next reading shows, nor others' places that moved. */
function digestOf(held: PolicyParts | undefined): string | undefined {
  return held === undefined ? undefined : digest(held);
}

const IGNORED = new Set(["lastUpdated", "created", "_links", "priority"]);

/** The order of members says nothing. */
function sorted(key: string, value: unknown): unknown {
  if (IGNORED.has(key)) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
