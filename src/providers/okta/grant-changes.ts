import type { GrantChange, GrantSpec, ObservedGrant, Ref } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Serial } from "../../tenant/serial.ts";
import { isRefused } from "../refused.ts";
import type { OktaContext } from "./context.ts";
import {
  addressOf,
  changedRule,
  includedIn,
  isMarked,
  markedPolicy,
  policiesFor,
  policyBody,
  ruleBody,
  ruleOf,
} from "./grant-bodies.ts";
import { clientFor, type GrantParts, includedFor, markFor, observedGrant } from "./grant-parts.ts";
import { createPolicyWriter, type PolicyWriter } from "./policy-writer.ts";
import { isNotFound } from "./removal.ts";
import type { PartsView, PolicyParts } from "./server-parts.ts";

/** Two writes: the policy for the client, and its one rule. */
export async function createGrant(shared: GrantParts, writer: PolicyWriter, spec: GrantSpec): Promise<ObservedGrant> {
  const { client, api } = spec;
  const server = api.ref;
  const included = await includedFor(shared, client);
  if (included === undefined) throw new ProviderError("not_found", "The client does not exist at Okta.");
  const { displayName = "" } = (client === ALL_CLIENTS ? undefined : await shared.clientOf(client)) ?? {};
  await shared.parts.ensure(server);
  const mark = await markFor(shared, client, server);
  const policy = await writer.createPolicy(server, policyBody(displayName, included, mark));
  await writer.createRule(server, policy, ruleBody(spec));
  return observedGrant(shared, server, await heldPolicy(shared, server, policy), client);
}

/** Changes the rule in place; a rule that is missing is made, others in a policy of the operator go. */
export async function updateGrant(
  shared: GrantParts,
  writer: PolicyWriter,
  ref: Ref,
  { restore, organizations: _none, ...wish }: GrantChange,
): Promise<ObservedGrant> {
  const { server, policy } = addressOf(ref);
  const held = await heldPolicy(shared, server, policy);
  const client = await clientFor(shared, includedIn(held.policy)[0] ?? "");
  const mark = await markFor(shared, client, server);
  if (restore === true) await writer.activate(server, held);
  if (mark !== undefined && !isMarked(held)) await writer.changePolicy(server, policy, markedPolicy(mark));
  const rule = ruleOf(held);
  const change = { ...wish, ...(restore === true ? { restore } : {}) };
  if (rule === undefined) await writer.createRule(server, policy, ruleBody({ scopes: [], ...wish }));
  else await writer.changeRule(server, policy, rule.id, changedRule(change));
  if (restore === true) await writer.removeRulesBeside(server, policy);
  return observedGrant(shared, server, await heldPolicy(shared, server, policy), client);
}

async function heldPolicy({ parts }: GrantParts, server: Ref, policy: string): Promise<PolicyParts> {
  const held = (await parts.ensure(server)).policies.find((other) => other.policy.id === policy);
  if (held === undefined) throw new ProviderError("not_found", "The policy no longer exists at Okta.");
  return held;
}

/** A scope is to go: out of every rule of the operator, else Okta may refuse to delete it or keep it in the rule. */
export async function withdrawScope(context: OktaContext, parts: PartsView, server: Ref, scope: string): Promise<void> {
  const writer = createPolicyWriter(context, parts);
  for (const held of (await parts.ensure(server)).policies.filter(isMarked)) {
    const rule = ruleOf(held);
    const scopes = rule?.conditions?.scopes?.include ?? [];
    if (rule === undefined || !scopes.includes(scope)) continue;
    const left = scopes.filter((name) => name !== scope);
    const policy = held.policy.id;
    // A rule without scopes might mean any of them.
    if (left.length === 0) await writer.removeRule(server, policy, rule);
    else await writer.changeRule(server, policy, rule.id, changedRule({ scopes: left }));
  }
}

/**
 * Okta keeps the policies of a deleted app: those that are for it alone are deleted first, below every server. What the
 * operator may not read, and a policy of others that it may not delete, is left out and named, since nobody could ever
 * delete the app otherwise. Throws when the org refuses to delete a policy of the operator.
 */
export async function removeGrantsOf(
  context: OktaContext,
  parts: PartsView,
  serial: Serial,
  servers: readonly Ref[],
  clientId: string,
): Promise<void> {
  const writer = createPolicyWriter(context, parts);
  for (const server of servers)
    try {
      await removePoliciesBelow(server);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (await isThere(context, server))
        throw new ProviderError("unavailable", `Okta answered 404 below authorization server ${server}, which exists.`);
    }

  async function removePoliciesBelow(server: Ref): Promise<void> {
    const known = await mayFail(server, true, () => parts.ensure(server));
    for (const held of known === undefined ? [] : policiesFor(known, clientId))
      await mayFail(server, !isMarked(held), () => serial(server, () => writer.remove(server, held.policy.id)));
  }

  /** `undefined` after a refusal that may be left out. */
  async function mayFail<T>(server: Ref, isLeftOut: boolean, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if (!isLeftOut || !isRefused(error)) throw error;
      context.warn("an authorization server may still have policies for a deleted client", {
        ...{ server, clientId, why: error.message },
      });
      return undefined;
    }
  }
}

const isThere = async ({ session }: OktaContext, server: Ref): Promise<boolean> =>
  (await session.readRaw(`/api/v1/authorizationServers/${encodeURIComponent(server)}`)) !== undefined;
