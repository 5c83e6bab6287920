import type { Caller, Ref } from "../../ports/provider.ts";
import type { RuleDocument, ScopeDocument } from "./documents.ts";
import { ANY_SCOPE, includedIn, isForMachines } from "./grant-bodies.ts";
import { clientFor, type GrantParts } from "./grant-parts.ts";
import { type PolicyParts, readRules } from "./server-parts.ts";

interface Allowed {
  readonly scopes: Set<string>;
  allScopes: boolean;
}

/**
 * Who gets a token from the server, by every active rule of every active policy, no matter who made it. A token request may
 * name scopes of one rule only. The order of the rules decides on the lifetime of the token and not on who gets one.
 */
export async function callersOf(shared: GrantParts, server: Ref): Promise<readonly Caller[]> {
  const { scopes, policies } = await shared.parts.ensure(server);
  const given = new Map<Ref, Allowed>();
  for (const held of policies.filter(({ policy }) => policy.status !== "INACTIVE")) {
    const rules = (await rulesOf(shared, server, held)).filter(isForMachines);
    for (const included of rules.length === 0 ? [] : includedIn(held.policy)) {
      const client = await clientFor(shared, included);
      const before = given.get(client) ?? { scopes: new Set(), allScopes: false };
      given.set(client, added(before, rules, scopes));
    }
  }
  return [...given]
    .map(([client, { scopes: names, allScopes }]) => ({ client, scopes: [...names].sort(), allScopes }))
    .filter((caller) => caller.scopes.length > 0);
}

/** Rules of a policy for several clients are read for this alone. */
const rulesOf = async ({ context }: GrantParts, server: Ref, held: PolicyParts): Promise<readonly RuleDocument[]> =>
  held.rules ?? (await readRules(context, server, held.policy));

function added(before: Allowed, rules: readonly RuleDocument[], scopes: readonly ScopeDocument[]): Allowed {
  // Nobody is there who could consent.
  const possible = scopes.filter(({ consent }) => consent !== "REQUIRED").map(({ name }) => name);
  for (const { conditions } of rules) {
    const named = conditions?.scopes?.include ?? [];
    const isForAny = named.includes(ANY_SCOPE);
    before.allScopes ||= isForAny;
    for (const scope of possible) if (isForAny || named.includes(scope)) before.scopes.add(scope);
  }
  return before;
}
