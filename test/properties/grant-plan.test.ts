import fc from "fast-check";
import { it } from "vitest";
import type { Action, Desired, Observed } from "../../src/kinds/scope-grant/model.ts";
import { plan } from "../../src/kinds/scope-grant/plan.ts";
import type { ObservedGrant, Ref } from "../../src/ports/provider.ts";
import { FACTS } from "../unit/kinds/provider-facts.ts";
import { holds } from "./holds.ts";
import { carriedOut, type Law } from "./rounds.ts";
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
  names: fc.constant({
    ...{ api: "OAuthApi team/api", client: "M2MClient billing/job", namespace: "billing" },
    provided: "M2MClient billing/job",
  }),
  isProviderNamed: fc.boolean(),
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

type Type = Action["type"];

const FOR_THE_WORSE: readonly Type[] = ["addFinalizer", "removeGrant", "updateGrant", "removeDuplicateGrant"];
const IN_A_DELETION: readonly Type[] = ["removeGrant", "updateGrant", "abandonGrant", "removeFinalizer"];
const ON_THE_GRANT: readonly Type[] = ["updateGrant", "removeGrant", "removeDuplicateGrant"];

const presentIn = ({ remote }: Observed): ObservedGrant | undefined =>
  remote.kind === "read" ? remote.grant : undefined;

const isRefused = ({ provider, client, api }: Observed): boolean =>
  [provider, client, api].some(({ state }) => state === "refused");

/** It gives what the grant does not have. */
function isWider(world: Observed, action: Action): boolean {
  const grant = presentIn(world);
  if (action.type !== "updateGrant" || grant === undefined) return false;
  const { restore, scopes = [] } = action.change;
  return restore === true || (!grant.allScopes && scopes.some((scope) => !grant.scopes.includes(scope)));
}

/** Others of the pair ask for some of what the grant has. */
function isUsedByOthers(world: Observed): boolean {
  const { isWanted = false, scopes = [] } = world.pair ?? {};
  return isWanted && scopes.some((scope) => presentIn(world)?.scopes.includes(scope) === true);
}

const lawsFor = ({ isAbsent, isPaused }: Desired): readonly Law<Observed, Action>[] => [
  ["a deletion only takes away", (_world, { type }) => isAbsent && !IN_A_DELETION.includes(type)],
  [
    "without consent, or paused, only for the worse",
    (world, { type }) => !isAbsent && (isPaused || isRefused(world)) && !FOR_THE_WORSE.includes(type),
  ],
  [
    "and never more than there is",
    (world, action) => (isAbsent || isPaused || isRefused(world)) && isWider(world, action),
  ],
  ["what is seen is written", (world, { type }) => ON_THE_GRANT.includes(type) && presentIn(world) === undefined],
  [
    "the provider's own is not touched",
    (world, { type }) => ON_THE_GRANT.includes(type) && presentIn(world)?.isSystem === true,
  ],
  [
    "a grant is between two that are there",
    ({ client, api }, { type }) => type === "createGrant" && (client.state !== "ready" || api.state !== "ready"),
  ],
  ["what was adopted stays", ({ origin }, { type }) => isAbsent && type === "removeGrant" && origin !== "Made"],
  ["what others of the pair use stays", (world, { type }) => type === "removeGrant" && isUsedByOthers(world)],
];

it("whatever the world, the plan of a grant ends, and never writes or removes what belongs to others", () => {
  holds(
    fc.property(worlds, fc.boolean(), fc.boolean(), (start, isAbsent, isPaused) => {
      const asksFor = { allClients: false, organizations: false, lifetimeSeconds: undefined };
      const desired = { isAbsent, isPaused, asksFor };
      carriedOut<Observed, Action>(start, {
        planOf: (world) => plan(desired, world, NOW),
        ...{ after, laws: lawsFor(desired), now: NOW, most: MOST_ROUNDS },
      });
    }),
    2000,
  );
});
