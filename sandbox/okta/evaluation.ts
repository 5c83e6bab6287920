import { refusal } from "./oauth-errors.ts";
import { byPriority } from "./priorities.ts";
import type { App, Rule, Scope, Server } from "./state.ts";

export interface Decision {
  readonly rule: Rule;
  readonly scopes: readonly Scope[];
}

/**
 * The first rule decides that covers everything that was requested; rules and policies never add up. Of scopes that
 * nobody requested, which come by default, those are given that the rule covers; `noneCovered` is the answer when it
 * covers none, and `undefined` when somebody asked.
 */
export function evaluate(
  server: Server,
  app: App,
  wanted: readonly Scope[],
  noneCovered: "no_matching_policy" | "no_scope_allowed" | undefined,
): Decision {
  const rules = rulesFor(server, app).filter(isForMachines);
  for (const rule of rules) {
    const covered = coveredBy(rule, wanted);
    const isMatch = noneCovered === undefined ? covered.length === wanted.length : covered.length > 0;
    if (isMatch) return { rule, scopes: covered };
  }
  throw refusal(noneCovered === undefined || rules.length === 0 ? "no_matching_policy" : noneCovered);
}

/** Of the policies that name the client or all clients, in the order in which they are tried. */
function rulesFor({ policies }: Server, { clientId }: App): readonly Rule[] {
  const applying = byPriority(policies).filter(({ status, conditions }) => {
    const { include } = conditions.clients;
    return status === "ACTIVE" && (include.includes(clientId) || include.includes("ALL_CLIENTS"));
  });
  return applying.flatMap((policy) => byPriority(policy.rules)).filter(({ status }) => status === "ACTIVE");
}

interface Conditions {
  readonly grantTypes: { readonly include: readonly string[] };
  readonly scopes: { readonly include: readonly string[] };
}

const isForMachines = ({ conditions }: Rule): boolean =>
  (conditions as unknown as Conditions).grantTypes.include.includes("client_credentials");

function coveredBy({ conditions }: Rule, wanted: readonly Scope[]): readonly Scope[] {
  const { include } = (conditions as unknown as Conditions).scopes;
  return wanted.filter(({ name }) => include.includes("*") || include.includes(name));
}
