import type { Peers } from "./peers.ts";
import type { ScopeGrant } from "./schema.ts";

/** One ScopeGrant of a (client, API) pair. */
export interface Member {
  readonly grant: ScopeGrant;
  readonly peers: Peers;
}

/** A field in which a later ScopeGrant of the pair wants something else than an earlier one. */
export interface GrantConflict {
  readonly field: string;
  readonly winner: string;
}

const ageOf = ({ metadata }: ScopeGrant): string => `${metadata.creationTimestamp ?? ""} ${metadata.name}`;

export const olderFirst = (a: Member, b: Member): number => (ageOf(a.grant) < ageOf(b.grant) ? -1 : 1);

/** What cannot be added up, by field. */
const FIELDS: readonly (readonly [field: string, said: (grant: ScopeGrant) => unknown])[] = [
  ["spec.organizations.usage", ({ spec }) => spec.organizations?.usage],
  ["spec.organizations.any", ({ spec }) => spec.organizations?.any],
  ["spec.tokenLifetime", ({ spec }) => spec.tokenLifetime],
];

/** Scopes and organizations add up; whatever else is said twice must be said alike, and the earlier one wins. */
export function conflictOf(members: readonly Member[], grant: ScopeGrant): GrantConflict | undefined {
  // One that lost adds nothing, so that nobody has to agree with it.
  const agreed: Member[] = [];
  for (const member of members.filter((other) => ageOf(other.grant) < ageOf(grant)))
    if (contradictionOf(agreed, member.grant) === undefined) agreed.push(member);
  return contradictionOf(agreed, grant);
}

function contradictionOf(earlier: readonly Member[], grant: ScopeGrant): GrantConflict | undefined {
  for (const [field, saidBy] of FIELDS) {
    const wanted = saidBy(grant);
    if (wanted === undefined) continue;
    const winner = earlier.find(({ grant: other }) => ![undefined, wanted].includes(saidBy(other)));
    if (winner !== undefined) return { field, winner: winner.grant.metadata.name };
  }
  return undefined;
}
