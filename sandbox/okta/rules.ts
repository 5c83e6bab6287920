import { notFound } from "./errors.ts";
import { type Json, merged } from "./json.ts";
import { lifecycle, linkTo } from "./links.ts";
import type { Org } from "./org.ts";
import { policyUrl } from "./policies.ts";
import { place, renumber } from "./priorities.ts";
import { parsed, unknownOf } from "./request-body.ts";
import { ruleBody, ruleFields } from "./rule-body.ts";
import { newOktaId, type Policy, type Rule, type Server, timeOf } from "./state.ts";

export function shownRule(org: Org, server: Server, policy: Policy, rule: Rule): Json {
  const { extra = {}, ...shown } = rule;
  const base = `${policyUrl(org, server, policy)}/rules/${rule.id}`;
  return merged(extra, {
    ...shown,
    _links: { self: linkTo(base)("", "GET", "PUT", "DELETE"), ...lifecycle(base, rule.status, "POST") },
  });
}

export function ruleOf({ rules }: Policy, id: string): Rule {
  const rule = rules.get(id);
  if (rule === undefined) throw notFound(id, "PolicyRule");
  return rule;
}

export function postRule(org: Org, server: Server, policy: Policy, body: unknown, nowMs: number): object {
  const given = parsed(ruleBody, body);
  const at = timeOf(nowMs);
  const rule: Rule = {
    ...{ id: newOktaId("0pr"), status: "ACTIVE", priority: 0, created: at, lastUpdated: at, system: false },
    ...ruleFields(given),
  };
  policy.rules.set(rule.id, rule);
  place(policy.rules, rule, given.priority);
  return shownRule(org, server, policy, rule);
}

export function putRule(org: Org, server: Server, policy: Policy, rule: Rule, body: unknown, nowMs: number): object {
  const given = parsed(ruleBody, body);
  const fields = ruleFields(given);
  const extra = unknownOf(org, body, merged(shownRule(org, server, policy, { ...rule, extra: {} }), given));
  Object.assign(rule, fields, { status: given.status ?? rule.status, extra, lastUpdated: timeOf(nowMs) });
  place(policy.rules, rule, given.priority ?? rule.priority);
  return shownRule(org, server, policy, rule);
}

export function deleteRule({ rules }: Policy, { id }: Rule): void {
  rules.delete(id);
  renumber(rules);
}
