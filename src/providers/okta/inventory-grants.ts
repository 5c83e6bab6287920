import type { ListedGrant, Ref } from "../../ports/provider.ts";
import { grantFromPolicy, includedIn, isMarked, policiesFor, ruleOf } from "./grant-bodies.ts";
import type { ServerDocument } from "./documents.ts";
import { EVERY_CLIENT, type PolicyParts, type ServerParts } from "./server-parts.ts";

/** An authorization server with all that is below it, system scopes and claims apart. */
export interface ServerDocuments {
  readonly server: ServerDocument;
  readonly parts: ServerParts;
}

interface Clients {
  /** Whether people log in through the client of this id. */
  readonly isLogin: (clientId: string) => boolean;
  readonly refOf: (included: string) => Ref;
}

/** One for every policy below the server, apart from those of clients that people log in through alone. */
export function grantsBelow({ server, parts }: ServerDocuments, { isLogin, refOf }: Clients): readonly ListedGrant[] {
  return parts.policies.flatMap((held) => {
    const included = includedIn(held.policy);
    if (held.policy.system === true || (included.length > 0 && included.every(isLogin))) return [];
    const [first = ""] = included;
    const facts = { server: server.id as Ref, audience: server.audiences[0] ?? "", client: refOf(first), parts };
    const isSecond = included.length === 1 && policiesFor(parts, first)[0] !== held;
    return [
      {
        ...grantFromPolicy(held, facts),
        beyond: beyondOf(held),
        refusal: refusalOf(held, isSecond),
      },
    ];
  });
}

function refusalOf(held: PolicyParts, isSecond: boolean): string | undefined {
  const { policy } = held;
  const name = `policy ${JSON.stringify(policy.name)}`;
  const included = includedIn(policy);
  // Those of the operator are declared already.
  if (included.includes(EVERY_CLIENT)) return isMarked(held) ? undefined : `${name} is for all clients`;
  if (included.length !== 1) return `${name} is for ${String(included.length)} clients, not for one`;
  if (isSecond) return `${name} is not the only one for this client`;
  const why = unusableBecause(held);
  return why === undefined ? undefined : `${name} ${why}`;
}

/** Why its first rule gives the client nothing. */
function unusableBecause(held: PolicyParts): string | undefined {
  const rule = ruleOf(held);
  if (held.policy.status === "INACTIVE" || rule?.status === "INACTIVE") return "is inactive";
  if (rule === undefined) return "has no rule";
  if (!grantTypesOf(held).includes(MACHINES)) return `has a first rule that is not for ${MACHINES}`;
  return (rule.conditions?.scopes?.include ?? []).length === 0 ? "has no scopes" : undefined;
}

const MACHINES = "client_credentials";

const grantTypesOf = (held: PolicyParts): readonly string[] => ruleOf(held)?.conditions?.grantTypes?.include ?? [];

/** Of the policy whose first rule a ScopeGrant stands for. */
function beyondOf(held: PolicyParts): readonly string[] {
  const { rules = [] } = held;
  const others = grantTypesOf(held).filter((type) => type !== MACHINES);
  return [
    ...(rules.length > 1 ? [`${String(rules.length - 1)} further rules`] : []),
    ...(others.length > 0 ? [`grant types ${others.join(", ")}`] : []),
    ...(hasHook(held) ? ["token inline hook"] : []),
  ];
}

function hasHook(held: PolicyParts): boolean {
  const token = ruleOf(held)?.actions?.token as
    { readonly inlineHook?: { readonly id?: string } | null } | null | undefined;
  return token?.inlineHook?.id !== undefined;
}
