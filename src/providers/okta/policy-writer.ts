import type { Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { OktaContext } from "./context.ts";
import type { PolicyDocument, RuleDocument } from "./documents.ts";
import { ruleOf } from "./grant-bodies.ts";
import type { PartsView, PolicyParts } from "./server-parts.ts";
import { readByPath, removeSeen } from "./removal.ts";
import type { RawDocument } from "./session.ts";

type Changed = (document: RawDocument) => RawDocument;

/** Writes policies and their rules below one server, and tells the view after each. Never two at a time. */
export interface PolicyWriter {
  /** Returns its id. Of a create whose answer was lost, the outcome is read before anything else is done there. */
  createPolicy(server: Ref, body: object): Promise<string>;
  createRule(server: Ref, policy: string, body: object): Promise<void>;
  changePolicy(server: Ref, policy: string, changed: Changed): Promise<void>;
  changeRule(server: Ref, policy: string, rule: string, changed: Changed): Promise<void>;
  /** Switches the policy and its rule on. */
  activate(server: Ref, held: PolicyParts): Promise<void>;
  /** Leaves only the rule that counts. */
  removeRulesBeside(server: Ref, policy: string): Promise<void>;
  removeRule(server: Ref, policy: string, rule: RuleDocument): Promise<void>;
  /** With its rules. Already gone is success. */
  remove(server: Ref, policy: string): Promise<void>;
}

export function createPolicyWriter(context: OktaContext, parts: PartsView): PolicyWriter {
  const { session, sdk } = context;
  const api = sdk.authorizationServerApi;
  const pathOf = (server: Ref, policy: string, rule?: string): string =>
    `/api/v1/authorizationServers/${encodeURIComponent(server)}/policies/${encodeURIComponent(policy)}` +
    (rule === undefined ? "" : `/rules/${encodeURIComponent(rule)}`);
  const note = (server: Ref, policy: string, change: (held: PolicyParts) => PolicyParts): void => {
    parts.change(server, (before) => ({
      ...before,
      policies: before.policies.map((held) => (held.policy.id === policy ? change(held) : held)),
    }));
  };
  const noteRules = (server: Ref, policy: string, change: (rules: readonly RuleDocument[]) => RuleDocument[]): void => {
    note(server, policy, (held) => ({ ...held, rules: change(held.rules ?? []) }));
  };
  const policyOf = (server: Ref, policy: string): PolicyParts | undefined =>
    parts.known(server)?.policies.find((held) => held.policy.id === policy);
  const removeRule: PolicyWriter["removeRule"] = async (server, policy, { id, status, created }) => {
    const request = { authServerId: server, policyId: policy, ruleId: id };
    await removeSeen(context, {
      what: `rule ${id} of policy ${policy}`,
      isActive: status !== "INACTIVE",
      deactivate: () => api.deactivateAuthorizationServerPolicyRule(request),
      remove: () => api.deleteAuthorizationServerPolicyRule(request),
      read: readByPath(context, pathOf(server, policy, id), created),
    });
    noteRules(server, policy, (rules) => rules.filter((rule) => rule.id !== id));
  };
  const create = async <T>(server: Ref, call: () => Promise<unknown>): Promise<T> => {
    try {
      return (await session.write(call)) as T;
    } catch (error) {
      if (error instanceof ProviderError && error.code === "ambiguous") parts.forgetUntilSettled(server);
      throw error;
    }
  };
  return {
    createPolicy: async (server, body) => {
      const request = { authServerId: server, policy: body as never };
      const made = await create<PolicyDocument>(server, () => api.createAuthorizationServerPolicy(request));
      parts.change(server, (before) => ({
        ...before,
        policies: [...before.policies, { policy: made, rules: [] }],
      }));
      return made.id;
    },
    createRule: async (server, policy, body) => {
      const request = { authServerId: server, policyId: policy, policyRule: body as never };
      const made = await create<RuleDocument>(server, () => api.createAuthorizationServerPolicyRule(request));
      noteRules(server, policy, (rules) => [...rules, made]);
    },
    changePolicy: async (server, policy, changed) => {
      const after = (await session.change(pathOf(server, policy), changed)) as PolicyDocument;
      note(server, policy, (held) => ({ ...held, policy: after }));
    },
    changeRule: async (server, policy, rule, changed) => {
      const after = (await session.change(pathOf(server, policy, rule), changed)) as RuleDocument;
      noteRules(server, policy, (rules) => rules.map((other) => (other.id === rule ? after : other)));
    },
    activate: async (server, held) => {
      const policy = held.policy.id;
      const request = { authServerId: server, policyId: policy };
      if (held.policy.status === "INACTIVE") {
        await session.write(() => api.activateAuthorizationServerPolicy(request));
        note(server, policy, (before) => ({ ...before, policy: { ...before.policy, status: "ACTIVE" } }));
      }
      const rule = ruleOf(held);
      if (rule?.status !== "INACTIVE") return;
      await session.write(() => api.activateAuthorizationServerPolicyRule({ ...request, ruleId: rule.id }));
      noteRules(server, policy, (rules) =>
        rules.map((other) => (other.id === rule.id ? { ...other, status: "ACTIVE" } : other)),
      );
    },
    removeRulesBeside: async (server, policy) => {
      const held = policyOf(server, policy);
      const kept = held === undefined ? undefined : ruleOf(held);
      for (const rule of held?.rules ?? []) if (rule.id !== kept?.id) await removeRule(server, policy, rule);
    },
    removeRule,
    remove: async (server, policy) => {
      const request = { authServerId: server, policyId: policy };
      const { status, created } = policyOf(server, policy)?.policy ?? {};
      await removeSeen(context, {
        what: `policy ${policy}`,
        isActive: status !== "INACTIVE",
        deactivate: () => api.deactivateAuthorizationServerPolicy(request),
        remove: () => api.deleteAuthorizationServerPolicy(request),
        read: readByPath(context, pathOf(server, policy), created),
      });
      parts.change(server, (before) => ({
        ...before,
        policies: before.policies.filter((held) => held.policy.id !== policy),
      }));
    },
  };
}
