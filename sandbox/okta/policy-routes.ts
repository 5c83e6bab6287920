import { noMethod, noRoute } from "./errors.ts";
import { type Call, created, done, json, type OktaOutgoing, statusOf } from "./exchange.ts";
import type { Org } from "./org.ts";
import * as policies from "./policies.ts";
import { byPriority } from "./priorities.ts";
import * as rules from "./rules.ts";
import { type Policy, type Rule, type Server, timeOf } from "./state.ts";

/** Everything below `policies` of one authorization server; no list of these has pages. */
export function policyRoutes(org: Org, server: Server, call: Call): OktaOutgoing {
  const { method, body, nowMs, rest } = call;
  const [id, type, ...below] = rest;
  if (id === undefined) {
    if (method === "POST") return created(policies.postPolicy(org, server, body, nowMs));
    if (method !== "GET") throw noMethod();
    const all = byPriority(server.policies).map((policy) => policies.shownPolicy(org, server, policy));
    return json(200, all);
  }
  const policy = policies.policyOf(server, id);
  if (type === "lifecycle") return lifecycle(policy, { ...call, rest: below });
  if (type === "rules") return ruleRoutes(org, server, policy, { ...call, rest: below });
  if (type !== undefined) throw noRoute();
  if (method === "GET") return json(200, policies.shownPolicy(org, server, policy));
  if (method === "PUT") return json(200, policies.putPolicy(org, server, policy, body, nowMs));
  if (method !== "DELETE") throw noMethod();
  policies.deletePolicy(server, policy);
  return done;
}

function ruleRoutes(org: Org, server: Server, policy: Policy, call: Call): OktaOutgoing {
  const { method, body, nowMs, rest } = call;
  const [id, type, ...below] = rest;
  if (id === undefined) {
    if (method === "POST") return created(rules.postRule(org, server, policy, body, nowMs));
    if (method !== "GET") throw noMethod();
    const all = byPriority(policy.rules).map((rule) => rules.shownRule(org, server, policy, rule));
    return json(200, all);
  }
  const rule = rules.ruleOf(policy, id);
  if (type === "lifecycle") return lifecycle(rule, { ...call, rest: below });
  if (type !== undefined) throw noRoute();
  if (method === "GET") return json(200, rules.shownRule(org, server, policy, rule));
  if (method === "PUT") return json(200, rules.putRule(org, server, policy, rule, body, nowMs));
  if (method !== "DELETE") throw noMethod();
  rules.deleteRule(policy, rule);
  return done;
}

function lifecycle(item: Policy | Rule, { method, rest, nowMs }: Call): OktaOutgoing {
  if (method !== "POST") throw noMethod();
  Object.assign(item, { status: statusOf(rest[0]), lastUpdated: timeOf(nowMs) });
  return done;
}
