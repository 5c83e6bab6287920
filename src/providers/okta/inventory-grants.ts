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
  const { policy, rules = [] } = held;
  const name = `policy ${JSON.stringify(policy.name)}`;
  const included = includedIn(policy);
  // Those of the operator are declared already.
  if (included.includes(EVERY_CLIENT)) return isMarked(held) ? undefined : `${name} is for all clients`;
  if (included.length !== 1) return `${name} is for ${String(included.length)} clients, not for one`;
  if (isSecond) return `${name} is not the only one for this client`;
  const rule = ruleOf(held);
  if (policy.status === "INACTIVE" || rule?.status === "INACTIVE") return `${name} is inactive`;
  if (rule === undefined) return `${name} has no rule`;
  if (!(rule.conditions?.grantTypes?.include ?? []).includes("client_credentials"))
    return `${name}: its first rule is not for client_credentials${rules.length > 1 ? ", and further rules are not read" : ""}`;
  return (rule.conditions?.scopes?.include ?? []).length === 0 ? `${name} has no scopes` : undefined;
}

/** Of the policy whose first rule a ScopeGrant stands for. */
function beyondOf(held: PolicyParts): readonly string[] {
  const { rules = [] } = held;
  const rule = ruleOf(held);
  const types = (rule?.conditions?.grantTypes?.include ?? []).filter((type) => type !== "client_credentials");
  const hook = (rule?.actions?.token as { readonly inlineHook?: { readonly id?: string } | null } | null | undefined)
    ?.inlineHook;
  return [
    ...(rules.length > 1 ? [`${String(rules.length - 1)} further rules`] : []),
    ...(types.length > 0 ? [`grant types ${types.join(", ")}`] : []),
    ...(hook?.id === undefined ? [] : ["token inline hook"]),
  ];
}
