import { z } from "zod";
import { invalid, notFound } from "./errors.ts";
import { type Json, merged } from "./json.ts";
import { lifecycle, linkTo } from "./links.ts";
import type { Org } from "./org.ts";
import { place, renumber } from "./priorities.ts";
import { parsed, unknownOf } from "./request-body.ts";
import { pathIdOf } from "./servers.ts";
import { newOktaId, type Policy, type Rule, type Server, timeOf } from "./state.ts";
import { isVisible } from "./visibility.ts";

const policyBody = z.object({
  name: z.string().min(1).max(100),
  description: z.string().max(255).nullish(),
  priority: z.int().min(1).optional(),
  status: z.enum(["ACTIVE", "INACTIVE"]).optional(),
  conditions: z.object({ clients: z.object({ include: z.array(z.string()) }) }),
  type: z.literal("OAUTH_AUTHORIZATION_POLICY"),
});

export const policyUrl = (org: Org, server: Server, policy: Policy): string =>
  `${org.url}/api/v1/authorizationServers/${pathIdOf(server)}/policies/${policy.id}`;

export function shownPolicy(org: Org, server: Server, policy: Policy): Json {
  const { rules: _rules, extra = {}, ...shown } = policy;
  const base = policyUrl(org, server, policy);
  const link = linkTo(base);
  return merged(extra, {
    ...shown,
    _links: {
      self: link("", "GET", "PUT", "DELETE"),
      rules: link("/rules", "GET"),
      ...lifecycle(base, policy.status, "POST"),
    },
  });
}

export function policyOf({ policies }: Server, id: string): Policy {
  const policy = policies.get(id);
  if (policy === undefined) throw notFound(id, "Policy");
  return policy;
}

/** Whom a policy names must be there, and be known everywhere; the id of an app that was deleted may stay in it. */
function checkClients(org: Org, include: readonly string[], known: readonly string[], nowMs: number): void {
  const visible = [...org.state.apps.values()].filter((app) => isVisible(org, app, nowMs));
  const accepted = new Set(["ALL_CLIENTS", ...known, ...visible.map(({ clientId }) => clientId)]);
  const unknown = include.find((id) => !accepted.has(id));
  if (unknown !== undefined)
    throw invalid("conditions.clients.include", `conditions.clients.include: Resource not found: ${unknown}`);
}

export function postPolicy(org: Org, server: Server, body: unknown, nowMs: number): object {
  const given = parsed(policyBody, body);
  checkClients(org, given.conditions.clients.include, [], nowMs);
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

export function putPolicy(org: Org, server: Server, policy: Policy, body: unknown, nowMs: number): object {
  const given = parsed(policyBody, body);
  checkClients(org, given.conditions.clients.include, policy.conditions.clients.include, nowMs);
  const { name, description = null, conditions, status = policy.status } = given;
  const extra = unknownOf(org, body, merged(shownPolicy(org, server, { ...policy, extra: {} }), given));
  Object.assign(policy, { name, description, conditions, status, extra, lastUpdated: timeOf(nowMs) });
  place(server.policies, policy, given.priority ?? policy.priority);
  return shownPolicy(org, server, policy);
}

/** Okta: also while it is active, and with its rules. */
export function deletePolicy({ policies }: Server, { id }: Policy): void {
  policies.delete(id);
  renumber(policies);
}
