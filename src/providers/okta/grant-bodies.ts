import type { GrantSpec, ObservedGrant, Ref } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import { cutText } from "../../ports/cut-text.ts";
import type { Mark } from "../../ports/mark.ts";
import { type PolicyDocument, type RuleDocument, timeOf, within } from "./documents.ts";
import { readMarked, writeMarked } from "./marked-text.ts";
import { EVERY_CLIENT, type PolicyParts, type ServerParts } from "./server-parts.ts";
import type { RawDocument } from "./session.ts";

/** In a policy of the operator there is one rule, and it has this name. */
export const RULE_NAME = "m2m-operator";

const GRANT_TYPE = "client_credentials";
/** Any scope, in a rule. */
export const ANY_SCOPE = "*";
/** What Okta's own console fills in. */
const DEFAULT_LIFETIME_SECONDS = 3600;
const REFRESH_WINDOW_MINUTES = 10_080;
/** Behind whatever is there, so that nobody else's order changes; Okta makes the next number of it. */
const LAST = 99_999;
/** Older orgs take no more (terraform-provider-okta issue 581), whatever the reference says now. */
const MAX_NAME = 50;
const MAX_DESCRIPTION = 255;

/** A grant is one policy below one server. */
export interface GrantAddress {
  readonly server: Ref;
  readonly policy: string;
}

export const refOf = ({ server, policy }: GrantAddress): Ref => `${server}/${policy}` as Ref;

export function addressOf(ref: Ref): GrantAddress {
  const [server = "", policy = ""] = ref.split("/");
  return { server: server as Ref, policy };
}

export const includedIn = ({ conditions }: PolicyDocument): readonly string[] => conditions?.clients?.include ?? [];

export const isMarked = ({ policy }: PolicyParts): boolean => readMarked(policy.description).mark !== undefined;

/** Ours, and its client was deleted: the provider takes the client out of the policy. */
export const isForNobody = (held: PolicyParts): boolean => includedIn(held.policy).length === 0 && isMarked(held);

/** Policies for this client alone, ours first, then the oldest; for all clients only ours. */
export function policiesFor({ policies }: ServerParts, included: string): readonly PolicyParts[] {
  return policies
    .filter(({ policy }) => includedIn(policy).length === 1 && includedIn(policy)[0] === included)
    .filter((held) => held.policy.system !== true && (included !== EVERY_CLIENT || isMarked(held)))
    .sort(
      (a, b) =>
        Number(isMarked(b)) - Number(isMarked(a)) ||
        timeOf(a.policy.created) - timeOf(b.policy.created) ||
        (a.policy.id < b.policy.id ? -1 : 1),
    );
}

/** The rule that counts: ours by its name, else the first. */
export function ruleOf({ rules = [] }: PolicyParts): RuleDocument | undefined {
  return rules.find(({ name }) => name === RULE_NAME) ?? rules[0];
}

interface GrantFacts {
  readonly server: Ref;
  readonly audience: string;
  readonly client: Ref;
  readonly parts: ServerParts;
}

export function grantFromPolicy(held: PolicyParts, { server, audience, client, parts }: GrantFacts): ObservedGrant {
  const { policy } = held;
  const rule = ruleOf(held);
  const others = policiesFor(parts, includedIn(policy)[0] ?? "").filter((other) => other !== held && isMarked(other));
  return {
    ref: refOf({ server, policy: policy.id }),
    client,
    api: server,
    audience,
    ...scopesOf(rule),
    organizations: { usage: "Deny", any: false, ids: undefined },
    lifetimeSeconds: lifetimeOf(rule),
    duplicates: others.map((other) => refOf({ server, policy: other.policy.id })),
    isImpaired: isImpaired(held, rule),
    overriddenBy: client === ALL_CLIENTS ? [] : overridersOf(parts, policy),
    isSystem: policy.system === true,
    ...(isForeign(held) ? { isForeign: true as const } : {}),
    ...leftBy(held),
    readAt: parts.readAt,
  };
}

function leftBy(held: PolicyParts): Pick<ObservedGrant, "leftBy"> {
  const { mark } = readMarked(held.policy.description);
  return mark === undefined || !isForNobody(held) ? {} : { leftBy: mark };
}

/** For several clients, or for all of them and not made here. */
const isForeign = (held: PolicyParts): boolean =>
  includedIn(held.policy).length !== 1 || (includedIn(held.policy)[0] === EVERY_CLIENT && !isMarked(held));

function scopesOf(rule: RuleDocument | undefined): Pick<ObservedGrant, "scopes" | "allScopes"> {
  const scopes = rule?.conditions?.scopes?.include ?? [];
  const allScopes = scopes.includes(ANY_SCOPE);
  return { allScopes, scopes: allScopes ? [] : scopes };
}

function lifetimeOf(rule: RuleDocument | undefined): number | undefined {
  const minutes = rule?.actions?.token?.accessTokenLifetimeMinutes;
  return minutes == null ? undefined : minutes * 60;
}

/** Ours is exactly as it was made; of one that was adopted, only that a client can use it. */
function isImpaired(held: PolicyParts, rule: RuleDocument | undefined): boolean {
  const { policy, rules = [] } = held;
  if (policy.status === "INACTIVE" || rule === undefined || rule.status === "INACTIVE") return true;
  const types = rule.conditions?.grantTypes?.include ?? [];
  if (!types.includes(GRANT_TYPE)) return true;
  return isMarked(held) && (rules.length > 1 || types.length > 1);
}

/** Policies for all clients that others made and that are asked before this one, if they speak of this grant type. */
function overridersOf({ policies }: ServerParts, { priority }: PolicyDocument): readonly string[] {
  return policies
    .filter((other) => !isMarked(other) && includedIn(other.policy).includes(EVERY_CLIENT))
    .filter(({ policy }) => policy.status !== "INACTIVE" && (policy.priority ?? 0) < (priority ?? 0))
    .filter(({ rules = [] }) => rules.some(isForMachines))
    .map(({ policy }) => policy.name);
}

export const isForMachines = ({ status, conditions }: RuleDocument): boolean =>
  status !== "INACTIVE" && (conditions?.grantTypes?.include ?? []).includes(GRANT_TYPE);

/** `holder` is how people call the client. */
export function policyBody(holder: string, included: string, mark: Mark | undefined) {
  const text = included === EVERY_CLIENT ? "Scopes of all clients." : `Scopes of the client ${holder}.`;
  return {
    type: "OAUTH_AUTHORIZATION_POLICY" as const,
    name: included === EVERY_CLIENT ? "m2m all clients" : policyName(holder, included),
    description: markedWithin(text, mark),
    status: "ACTIVE" as const,
    priority: LAST,
    conditions: { clients: { include: [included] } },
  };
}

/** With the client's id at the end, which tells two of one name apart. */
function policyName(holder: string, included: string): string {
  const [start, end] = ["m2m ", ` ${included}`];
  return cutText(`${start}${cutText(holder, Math.max(0, MAX_NAME - start.length - end.length))}${end}`, MAX_NAME);
}

/** The mark is kept whole. */
function markedWithin(text: string, mark: Mark | undefined): string {
  const room = MAX_DESCRIPTION - writeMarked({ text: "", mark }).length - 1;
  return writeMarked({ text: cutText(text, room), mark });
}

export function ruleBody({ scopes, lifetimeSeconds }: Pick<GrantSpec, "scopes" | "lifetimeSeconds">) {
  return {
    type: "RESOURCE_ACCESS" as const,
    name: RULE_NAME,
    status: "ACTIVE" as const,
    priority: 1,
    conditions: {
      people: { groups: { include: ["EVERYONE"] }, users: { include: [] } },
      grantTypes: { include: [GRANT_TYPE] },
      scopes: { include: [...scopes] },
    },
    actions: {
      token: {
        accessTokenLifetimeMinutes: (lifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS) / 60,
        refreshTokenLifetimeMinutes: 0,
        refreshTokenWindowMinutes: REFRESH_WINDOW_MINUTES,
      },
    },
  };
}

interface RuleChange extends Partial<Pick<GrantSpec, "scopes" | "lifetimeSeconds">> {
  readonly restore?: true;
}

export const changedRule =
  ({ scopes, lifetimeSeconds, restore }: RuleChange) =>
  (rule: RawDocument): RawDocument => {
    const conditions = (rule["conditions"] ?? {}) as RawDocument;
    const actions = (rule["actions"] ?? {}) as RawDocument;
    return {
      ...rule,
      ...(restore === true ? { status: "ACTIVE" } : {}),
      conditions: {
        ...conditions,
        ...(scopes === undefined ? {} : { scopes: { include: [...scopes] } }),
        ...(restore === true ? { grantTypes: { include: [GRANT_TYPE] } } : {}),
      },
      actions:
        lifetimeSeconds === undefined
          ? actions
          : within(actions, "token", { accessTokenLifetimeMinutes: lifetimeSeconds / 60 }),
    };
  };

/** With our mark, whatever text is there. */
export const markedPolicy =
  (mark: Mark) =>
  (policy: RawDocument): RawDocument => {
    const { text } = readMarked(policy["description"] as string | null | undefined);
    return { ...policy, description: markedWithin(text, mark) };
  };
