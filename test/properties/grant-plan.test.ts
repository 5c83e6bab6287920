import fc from "fast-check";
import { expect, it } from "vitest";
import type { Action, Desired, Observed } from "../../src/kinds/scope-grant/model.ts";
import { plan } from "../../src/kinds/scope-grant/plan.ts";
import type { GrantChange, ObservedGrant, Ref } from "../../src/ports/provider.ts";
import { FACTS } from "../unit/kinds/provider-facts.ts";
import { holds } from "./holds.ts";
import { carriedOut } from "./rounds.ts";
import { inMs, maybe } from "./worlds.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const [CLIENT, API] = ["client" as Ref, "api" as Ref];
const words: fc.Arbitrary<string[]> = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 3 });

const grants: fc.Arbitrary<ObservedGrant> = fc.record({
  ...{ scopes: words, allScopes: fc.boolean(), isImpaired: fc.boolean(), isSystem: fc.boolean() },
  duplicates: fc.subarray(["other" as Ref]),
  organizations: fc.constant({ usage: "Deny" as const, any: false, ids: undefined }),
  ...{ ref: fc.constant("grant" as Ref), client: fc.constant(CLIENT), api: fc.constant(undefined) },
  ...{ audience: fc.constant("aud"), lifetimeSeconds: fc.constant(undefined), overriddenBy: fc.constant([]) },
  readAt: fc.constant(NOW),
});

const peers = (ref: Ref): fc.Arbitrary<Observed["client"]> =>
  fc.constantFrom(
    { state: "ready", ref } as const,
    { state: "notReady", message: "not yet" } as const,
    { state: "refused", message: "no" } as const,
  );

const worlds: fc.Arbitrary<Observed> = fc.record({
  ...{ hasFinalizer: fc.boolean(), client: peers(CLIENT), api: peers(API) },
  provider: fc.constantFrom(
    { state: "ready", facts: FACTS } as const,
    { state: "notReady", message: "not yet" } as const,
    { state: "refused", message: "no", uid: undefined } as const,
  ),
  pair: maybe(
    fc
      .record({ scopes: words, isAllScopes: fc.boolean(), more: maybe(words), isWhole: fc.boolean() })
      .map(({ scopes, isAllScopes, more, isWhole }) => ({
        ...{ scopes, isAllScopes, audience: "aud", isWanted: scopes.length > 0 },
        ...(more === undefined ? {} : { allowed: { scopes: [...new Set([...scopes, ...more])], isWhole } }),
      })),
  ),
  ...{ conflict: fc.constant(undefined), organizations: fc.constant({ known: [], missing: [] }) },
  heldRevocation: fc.constantFrom(undefined, "too many at once"),
  origin: fc.constantFrom("Made" as const, "Adopted" as const),
  ...{ isClientAdopted: fc.boolean(), isNew: fc.boolean(), owned: words, isNamespaceTerminating: fc.boolean() },
  own: fc.record({ granted: words, unknown: words }),
  remote: fc.oneof(
    fc.constant({ kind: "unread" as const }),
    fc.record({ kind: fc.constant("read" as const), grant: fc.option(grants, { nil: undefined }) }),
  ),
  ...{ isCarriedByClient: fc.boolean(), secret: fc.constant(undefined), formerSecrets: fc.constant([]) },
  abandonment: fc.record({ mayAbandon: fc.boolean(), checkAt: fc.constant(inMs(60_000)) }),
  ...{ mayHaveMade: fc.boolean(), isExternal: fc.boolean() },
});

const MADE: Omit<ObservedGrant, "scopes"> = {
  ...{ ref: "grant" as Ref, client: CLIENT, api: undefined, audience: "aud", allScopes: false, duplicates: [] },
  ...{ organizations: { usage: "Deny", any: false, ids: undefined }, lifetimeSeconds: undefined },
  ...{ isImpaired: false, overriddenBy: [], isSystem: false, readAt: NOW },
};

/** The world as an action leaves it. */
function after(world: Observed, action: Action): Observed {
  const grant = world.remote.kind === "read" ? world.remote.grant : undefined;
  const holding = (left: ObservedGrant | undefined): Observed => ({ ...world, remote: { kind: "read", grant: left } });
  switch (action.type) {
    case "addFinalizer":
      return { ...world, hasFinalizer: true };
    case "removeFinalizer":
      return { ...world, hasFinalizer: false };
    case "createGrant":
      return { ...holding({ ...MADE, scopes: action.scopes }), isNew: false };
    case "adoptGrant":
      return { ...world, origin: "Adopted", isNew: false };
    case "removeGrant":
      return holding(undefined);
    case "removeDuplicateGrant":
      return grant === undefined ? world : holding({ ...grant, duplicates: [] });
    case "updateGrant": {
      const { scopes, restore } = action.change;
      if (grant === undefined) return world;
      return holding({
        ...grant,
        ...(scopes === undefined ? {} : { scopes, allScopes: false }),
        ...(restore === true ? { isImpaired: false } : {}),
      });
    }
    case "publishSecret":
    case "removeFormerSecret":
    case "abandonGrant":
      return world;
  }
}

/** As many rounds as one pass has. */
const MOST_ROUNDS = 8;

it("whatever the world, the plan of a grant ends, and never writes or removes what belongs to others", () => {
  holds(
    fc.property(worlds, fc.boolean(), fc.boolean(), (start, isAbsent, isPaused) => {
      const asksFor = { allClients: false, organizations: false, lifetimeSeconds: undefined };
      const desired = { isAbsent, isPaused, asksFor };
      carriedOut<Observed, Action>(start, {
        planOf: (world) => plan(desired, world, NOW),
        ...{ after, now: NOW, most: MOST_ROUNDS },
        expectAllowed: (world, action) => {
          expectAllowed(world, action, desired);
        },
      });
    }),
    2000,
  );
});

const FOR_THE_WORSE: readonly Action["type"][] = ["addFinalizer", "removeGrant", "updateGrant", "removeDuplicateGrant"];
const IN_A_DELETION: readonly Action["type"][] = ["removeGrant", "updateGrant", "abandonGrant", "removeFinalizer"];

function expectAllowed(world: Observed, action: Action, { isAbsent, isPaused }: Desired): void {
  const grant = world.remote.kind === "read" ? world.remote.grant : undefined;
  const isRefused = [world.provider, world.client, world.api].some(({ state }) => state === "refused");
  if (isAbsent) expect(IN_A_DELETION).toContain(action.type);
  else if (isPaused || isRefused) expect(FOR_THE_WORSE).toContain(action.type);
  if (action.type === "updateGrant" && (isAbsent || isPaused || isRefused)) expectNarrower(grant, action.change);
  if (["updateGrant", "removeGrant", "removeDuplicateGrant"].includes(action.type)) {
    expect(grant, "a write of what was not seen").toBeDefined();
    expect(grant?.isSystem).toBe(false);
  }
  if (action.type === "createGrant") expect([world.client.state, world.api.state]).toEqual(["ready", "ready"]);
  if (action.type === "removeGrant" && isAbsent) expect(world.origin).toBe("Made");
  if (action.type === "removeGrant" && world.pair?.isWanted === true)
    expect(
      world.pair.scopes.filter((scope) => grant?.scopes.includes(scope)),
      "others of the pair use it",
    ).toEqual([]);
}

function expectNarrower(grant: ObservedGrant | undefined, { restore, scopes }: GrantChange): void {
  expect(restore, "restored for nobody").toBeUndefined();
  if (grant?.allScopes !== true)
    expect(grant?.scopes, "scopes for nobody").toEqual(expect.arrayContaining([...(scopes ?? [])]));
}
