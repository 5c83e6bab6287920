import { z } from "zod";
import { invalid, notFound } from "./errors.ts";
import { lifecycle, linkTo } from "./links.ts";
import type { Org } from "./org.ts";
import { parsed, pathIdOf } from "./servers.ts";
import { newOktaId, type Policy, type Rule, type Server, timeOf } from "./state.ts";

const policyBody = z.object({
  name: z.string().min(1).max(100),
  description: z.string().max(255).nullish(),
  priority: z.int().min(1).optional(),
  status: z.enum(["ACTIVE", "INACTIVE"]).optional(),
  conditions: z.object({ clients: z.object({ include: z.array(z.string()) }) }),
  type: z.literal("OAUTH_AUTHORIZATION_POLICY"),
});

const PEOPLES = new Set(["authorization_code", "implicit", "password"]);

const ruleBody = z.object({
  name: z.string().min(1),
  priority: z.int().min(1).optional(),
  status: z.enum(["ACTIVE", "INACTIVE"]).optional(),
  type: z.literal("RESOURCE_ACCESS"),
  conditions: z.object({
    people: z
      .object({
        users: z
          .object({ include: z.array(z.string()).optional(), exclude: z.array(z.string()).optional() })
          .optional(),
        groups: z.object({ include: z.array(z.string()).optional() }).optional(),
      })
      .optional(),
    grantTypes: z.object({ include: z.array(z.string()) }),
    scopes: z.object({ include: z.array(z.string()).optional() }).optional(),
  }),
  actions: z.object({
    token: z.looseObject({ accessTokenLifetimeMinutes: z.int().min(5).max(1440).optional() }),
  }),
});

const baseOf = (org: Org, server: Server, policy: Policy): string =>
  `${org.url}/api/v1/authorizationServers/${pathIdOf(server)}/policies/${policy.id}`;

export function shownPolicy(org: Org, server: Server, policy: Policy): object {
  const { rules: _rules, ...shown } = policy;
  const base = baseOf(org, server, policy);
  const link = linkTo(base);
  return {
    ...shown,
    _links: {
      self: link("", "GET", "PUT", "DELETE"),
      rules: link("/rules", "GET"),
      ...lifecycle(base, policy.status, "POST"),
    },
  };
}

export function shownRule(org: Org, server: Server, policy: Policy, rule: Rule): object {
  const base = `${baseOf(org, server, policy)}/rules/${rule.id}`;
  return {
    ...rule,
    _links: { self: linkTo(base)("", "GET", "PUT", "DELETE"), ...lifecycle(base, rule.status, "POST") },
  };
}

export function policyOf({ policies }: Server, id: string): Policy {
  const policy = policies.get(id);
  if (policy === undefined) throw notFound(id, "Policy");
  return policy;
}

export function ruleOf({ rules }: Policy, id: string): Rule {
  const rule = rules.get(id);
  if (rule === undefined) throw notFound(id, "PolicyRule");
  return rule;
}

interface Ranked {
  readonly id: string;
  priority: number;
}

/** Contiguous from one: an occupied place shifts the others down, a far one appends. */
function place(items: ReadonlyMap<string, Ranked>, item: Ranked, priority: number | undefined): void {
  const others = [...items.values()].filter(({ id }) => id !== item.id).sort((a, b) => a.priority - b.priority);
  const index = Math.min((priority ?? others.length + 1) - 1, others.length);
  [...others.slice(0, index), item, ...others.slice(index)].forEach((ranked, position) => {
    ranked.priority = position + 1;
  });
}

function renumber(items: ReadonlyMap<string, Ranked>): void {
  [...items.values()]
    .sort((a, b) => a.priority - b.priority)
    .forEach((ranked, position) => {
      ranked.priority = position + 1;
    });
}

export const byPriority = <T extends Ranked>(items: ReadonlyMap<string, T>): readonly T[] =>
  [...items.values()].sort((a, b) => a.priority - b.priority);

function checkClients({ state }: Org, include: readonly string[]): void {
  const known = new Set([...state.apps.values()].map(({ clientId }) => clientId));
  const unknown = include.find((id) => id !== "ALL_CLIENTS" && !known.has(id));
  if (unknown !== undefined)
    throw invalid("conditions.clients.include", `conditions.clients.include: Resource not found: ${unknown}`);
}

export function postPolicy(org: Org, server: Server, body: unknown, nowMs: number): object {
  const given = parsed(policyBody, body);
  checkClients(org, given.conditions.clients.include);
  const at = timeOf(nowMs);
  const policy: Policy = {
    // INACTIVE is ignored here.
    ...{ id: newOktaId("00p"), status: "ACTIVE", name: given.name, description: given.description ?? null },
    ...{ priority: 0, system: false, conditions: given.conditions, created: at, lastUpdated: at },
    ...{ type: given.type, rules: new Map<string, Rule>() },
  };
  server.policies.set(policy.id, policy);
  place(server.policies, policy, given.priority);
  return shownPolicy(org, server, policy);
}

export function putPolicy(org: Org, server: Server, id: string, body: unknown, nowMs: number): object {
  const policy = policyOf(server, id);
  const given = parsed(policyBody, body);
  checkClients(org, given.conditions.clients.include);
  const { name, description = null, conditions, status = policy.status } = given;
  Object.assign(policy, { name, description, conditions, status, lastUpdated: timeOf(nowMs) });
  place(server.policies, policy, given.priority ?? policy.priority);
  return shownPolicy(org, server, policy);
}

export function deletePolicy(server: Server, id: string): void {
  policyOf(server, id);
  server.policies.delete(id);
  renumber(server.policies);
}

type RuleBody = z.output<typeof ruleBody>;

function ruleFields({
  name,
  conditions,
  actions,
  type,
}: RuleBody): Pick<Rule, "name" | "conditions" | "actions" | "type"> {
  const { people, grantTypes, scopes } = conditions;
  checkPeople(conditions);
  const { include: users = [], exclude = [] } = people?.users ?? {};
  const groups = people?.groups?.include ?? [];
  return {
    name,
    conditions: {
      people: {
        users: { ...(users.length === 0 ? {} : { include: users }), exclude },
        ...(groups.length === 0 ? {} : { groups: { include: groups } }),
      },
      grantTypes: { include: [...grantTypes.include].sort() },
      scopes: { include: scopes?.include ?? [] },
    },
    actions,
    type,
  };
}

/** The same misleading answer comes for a grant type that there is not. */
function checkPeople({ people, grantTypes }: RuleBody["conditions"]): void {
  const named = [...(people?.groups?.include ?? []), ...(people?.users?.include ?? [])];
  const needsSome = grantTypes.include.some((type) => PEOPLES.has(type) || !KNOWN.has(type));
  if (needsSome && named.length === 0) throw invalid("conditions.people", PEOPLE_MISSING);
}

const KNOWN = new Set([...PEOPLES, "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"]);
const PEOPLE_MISSING =
  "conditions.people: At least one of ''conditions.people.users.include'' or ''conditions.people.groups.include'' must contain a valid user or group when ''conditions.grantTypes'' contains one or more of [authorization_code, implicit, password].";

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

export function putRule(org: Org, server: Server, policy: Policy, id: string, body: unknown, nowMs: number): object {
  const rule = ruleOf(policy, id);
  const given = parsed(ruleBody, body);
  Object.assign(rule, ruleFields(given), { status: given.status ?? rule.status, lastUpdated: timeOf(nowMs) });
  place(policy.rules, rule, given.priority ?? rule.priority);
  return shownRule(org, server, policy, rule);
}

export function deleteRule(policy: Policy, id: string): void {
  ruleOf(policy, id);
  policy.rules.delete(id);
  renumber(policy.rules);
}
