import fc from "fast-check";
import { expect, it } from "vitest";
import { changeOf } from "../../src/kinds/scope-grant/change.ts";
import { isSameSet } from "../../src/ports/same-set.ts";
import { conflictOf, type Member, olderFirst } from "../../src/kinds/scope-grant/conflict.ts";
import { organizationsOf } from "../../src/kinds/scope-grant/organizations.ts";
import type { ScopeGrant } from "../../src/kinds/scope-grant/schema.ts";
import type { ObservedGrant, Provider, Ref } from "../../src/ports/provider.ts";
import { holds } from "./holds.ts";

const words: fc.Arbitrary<string[]> = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 5 });
const grants: fc.Arbitrary<ObservedGrant> = fc.record({
  scopes: words,
  allScopes: fc.boolean(),
  isImpaired: fc.boolean(),
  organizations: fc.record({
    usage: fc.constantFrom("Deny" as const, "Allow" as const, "Require" as const),
    any: fc.boolean(),
    ids: fc.option(words, { nil: undefined }),
  }),
  lifetimeSeconds: fc.option(fc.constantFrom(60, 120), { nil: undefined }),
  ref: fc.constant("grant" as Ref),
  client: fc.constant("client" as Ref),
  api: fc.constant(undefined),
  audience: fc.constant("aud"),
  duplicates: fc.constant([]),
  overriddenBy: fc.constant([]),
  isSystem: fc.constant(false),
  readAt: fc.constant(new Date(0)),
});
const pairs = fc.record({ scopes: words, isAllScopes: fc.boolean() });

it("a change to a grant, once it was made, asks for no further change; of an adopted one, nothing that others gave goes", () => {
  holds(
    fc.property(pairs, grants, fc.boolean(), words, (part, grant, isClientAdopted, owned) => {
      const pair = { ...part, audience: "aud", isWanted: true };
      const change = changeOf(pair, grant, { isClientAdopted, owned });
      const { restore, scopes, lifetimeSeconds } = change;
      const changed: ObservedGrant = {
        ...grant,
        ...(restore === true ? { isImpaired: false } : {}),
        ...(scopes === undefined ? {} : { scopes, allScopes: false }),
        ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
      };
      expect(changeOf(pair, changed, { isClientAdopted, owned: [...owned, ...pair.scopes] })).toEqual({});
      if (changed.allScopes) return;
      expect(changed.scopes).toEqual(expect.arrayContaining([...pair.scopes]));
      const others = grant.scopes.filter((scope) => !owned.includes(scope));
      if (isClientAdopted && !grant.allScopes) expect(changed.scopes).toEqual(expect.arrayContaining(others));
      if (!isClientAdopted) expect(isSameSet(changed.scopes, pair.scopes)).toBe(true);
    }),
  );
});

const said = fc.record(
  { usage: fc.constantFrom("Deny", "Allow", "Require"), any: fc.boolean(), names: words },
  { requiredKeys: ["usage"] },
);
const members = fc
  .array(fc.record({ at: fc.integer({ min: 0, max: 9 }), organizations: fc.option(said, { nil: undefined }) }), {
    maxLength: 6,
  })
  .map((all) =>
    all
      .map(({ at, organizations }, index): Member => {
        const metadata = { name: `grant-${String(index)}`, creationTimestamp: `2026-01-01T00:00:0${String(at)}Z` };
        const spec = organizations === undefined ? {} : { organizations };
        return { grant: { metadata, spec } as unknown as ScopeGrant, peers: {} as Member["peers"] };
      })
      .sort(olderFirst),
  );
const provider = {
  organizations: { find: async (name: string) => ({ id: `org_${name}`, name }) },
} as unknown as Provider;

it("of grants that contradict each other the older stand, and those that stand agree with each other", () => {
  holds(
    fc.property(members, (all) => {
      const agreeing = all.filter((member) => conflictOf(all, member.grant) === undefined);
      if (all.length > 0) expect(agreeing).toContain(all[0]);
      for (const field of ["usage", "any"] as const) {
        const values = agreeing
          .map(({ grant }) => grant.spec.organizations?.[field])
          .filter((value) => value !== undefined);
        expect(new Set(values).size).toBeLessThanOrEqual(1);
      }
    }),
  );
});

it("organizations add up: every name that one of them says is in, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(members, async (all) => {
      const agreeing = all.filter((member) => conflictOf(all, member.grant) === undefined);
      const together = await organizationsOf(provider, agreeing, "all");
      const names = agreeing.flatMap(({ grant }) => grant.spec.organizations?.names ?? []);
      expect(new Set(together?.ids ?? [])).toEqual(new Set(names.map((name) => `org_${name}`)));
      const reversed = await organizationsOf(provider, agreeing.toReversed(), "all");
      expect(reversed).toEqual(together);
    }),
  );
});
