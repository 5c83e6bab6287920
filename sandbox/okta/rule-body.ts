import { z } from "zod";
import { invalid } from "./errors.ts";
import type { Rule } from "./state.ts";

const names = z.array(z.string()).optional();

export const ruleBody = z.object({
  name: z.string().min(1),
  priority: z.int().min(1).optional(),
  status: z.enum(["ACTIVE", "INACTIVE"]).optional(),
  type: z.literal("RESOURCE_ACCESS"),
  conditions: z.object({
    people: z
      .object({
        users: z.object({ include: names, exclude: names }).optional(),
        groups: z.object({ include: names }).optional(),
      })
      .optional(),
    grantTypes: z.object({ include: z.array(z.string()) }),
    scopes: z.object({ include: names }).optional(),
  }),
  actions: z.object({
    token: z
      .object({
        accessTokenLifetimeMinutes: z.int().min(5).max(1440).optional(),
        refreshTokenLifetimeMinutes: z.int().min(0).optional(),
        refreshTokenWindowMinutes: z.int().min(10).max(2_628_000).optional(),
        inlineHook: z.unknown().optional(),
      })
      .optional(),
    scopes: z.unknown().optional(),
  }),
});

export type RuleBody = z.output<typeof ruleBody>;

/** As the org keeps what it was sent. */
export function ruleFields(given: RuleBody): Pick<Rule, "name" | "conditions" | "actions" | "type"> {
  const { people, grantTypes, scopes } = given.conditions;
  checkPeople(given.conditions);
  if (given.actions.scopes !== undefined)
    throw invalid(
      "actions.scopes",
      "Cannot add scopes to 'action.scopes', add to 'conditions.scopes.include' instead.",
    );
  return {
    name: given.name,
    conditions: {
      people: normalised(people),
      grantTypes: { include: [...grantTypes.include].sort() },
      scopes: { include: scopes?.include ?? [] },
    },
    actions: { token: given.actions.token ?? {} },
    type: given.type,
  };
}

/** Whom nobody named is not shown, but for those who are excluded (recorded; groups: reported). */
function normalised(people: RuleBody["conditions"]["people"]): object {
  const { include: users = [], exclude = [] } = people?.users ?? {};
  const groups = people?.groups?.include ?? [];
  return {
    users: { ...(users.length === 0 ? {} : { include: users }), exclude },
    ...(groups.length === 0 ? {} : { groups: { include: groups } }),
  };
}

const FOR_PEOPLE = new Set(["authorization_code", "implicit", "password"]);
const KNOWN = new Set([...FOR_PEOPLE, "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"]);
const PEOPLE_MISSING =
  "conditions.people: At least one of ''conditions.people.users.include'' or ''conditions.people.groups.include'' must contain a valid user or group when ''conditions.grantTypes'' contains one or more of [authorization_code, implicit, password].";

/** The same misleading answer comes for a grant type that there is not. */
function checkPeople({ people, grantTypes }: RuleBody["conditions"]): void {
  const named = [...(people?.groups?.include ?? []), ...(people?.users?.include ?? [])];
  const needsSome = grantTypes.include.some((type) => FOR_PEOPLE.has(type) || !KNOWN.has(type));
  if (needsSome && named.length === 0) throw invalid("conditions.people", PEOPLE_MISSING);
}
