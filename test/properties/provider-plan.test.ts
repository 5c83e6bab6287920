import fc from "fast-check";
import { it } from "vitest";
import {
  type Action,
  type ConnectionView,
  type CredentialsView,
  type Desired,
  type Observed,
  plan,
} from "../../src/kinds/identity-provider/plan.ts";
import type { MarkedObject, Ref } from "../../src/ports/provider.ts";
import type { Failure, Trouble } from "../../src/ports/tenant-trouble.ts";
import { holds } from "./holds.ts";
import { carriedOut, type Law } from "./rounds.ts";
import { inMs, maybe, NOW, OUR_MARK } from "./worlds.ts";

/** As many rounds as one pass has. */
const MOST_ROUNDS = 8;

interface World {
  readonly desired: Desired;
  readonly observed: Observed;
  /** What the tenant answers. */
  readonly missingPermissions: readonly string[];
  readonly trouble: Trouble | undefined;
  /** The reading of this round showed what exists. */
  readonly isRead: boolean;
}

const past = fc.constantFrom(-7_200_000, -600_000, -30_000, -1000, 0).map(inMs);
const permissions = fc.subarray(["read:clients"]);

const troubles: fc.Arbitrary<Trouble> = fc.constantFrom<Trouble>(
  { kind: "wait", reason: "ProviderUnavailable", message: "down" },
  { kind: "wait", reason: "CredentialsInvalid", message: "refused once", isRefusal: true },
  { kind: "stalled", reason: "CredentialsInvalid", message: "refused" },
);

const failures: fc.Arbitrary<Failure> = fc
  .record({ trouble: troubles, times: fc.tuple(past, past) })
  .map(({ trouble, times: [one, other] }) => ({
    ...trouble,
    since: one < other ? one : other,
    lastAt: one < other ? other : one,
  }));

const OPERATOR = { tenant: "tenant", clientId: "operator" };

const connections: fc.Arbitrary<ConnectionView> = fc
  .record({
    ...{ isCurrent: fc.boolean(), connectedAt: past, probedAt: maybe(past), missingPermissions: permissions },
    ...{ refreshedAt: maybe(past), oldestReadAt: fc.constant(undefined), operator: fc.constant(OPERATOR) },
  })
  .map((view) => ({ ...view, missingPermissions: view.probedAt === undefined ? undefined : view.missingPermissions }));

const credentials: fc.Arbitrary<CredentialsView> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ state: fc.constant("present" as const), isHeld: fc.boolean() }) },
  fc.constantFrom<CredentialsView>({ state: "missing", message: "none" }, { state: "incomplete", message: "half" }),
);

const ORPHAN: MarkedObject = { kind: "client", ref: "orphan" as Ref, name: "job", mark: OUR_MARK };

const worlds: fc.Arbitrary<World> = fc.record({
  desired: fc.record({
    ...{ isAbsent: fc.boolean(), isPaused: fc.boolean(), driftIntervalMs: fc.constantFrom(60_000, 3_600_000) },
  }),
  observed: fc.record({
    ...{ failure: maybe(failures), doubtedAt: maybe(past), isDeletionWaiting: fc.boolean() },
    ...{ retryMs: fc.constantFrom(1000, 60_000), hasFinalizer: fc.boolean(), credentials },
    ...{
      connection: maybe(connections),
      dependents: fc.subarray(["OAuthApi a/b"]),
      remaining: fc.subarray(["OAuthApi a/b"]),
      isReadRequested: fc.boolean(),
    },
    ...{ isSecretShared: fc.boolean(), formerCredentials: fc.subarray(["old"]) },
    orphans: maybe(fc.record({ isConfirmed: fc.boolean(), members: fc.constant([ORPHAN]), digest: fc.constant("d") })),
  }),
  ...{ missingPermissions: permissions, trouble: maybe(troubles), isRead: fc.constant(false) },
});

/** The world as an action leaves it, whether the tenant answers or not. */
function after(world: World, action: Action): World {
  const { observed } = world;
  const { connection, credentials: secret } = observed;
  const becoming = (change: Partial<Observed>): World => ({ ...world, observed: { ...observed, ...change } });
  switch (action.type) {
    case "addFinalizer":
      return becoming({ hasFinalizer: true });
    case "removeFinalizer":
      return becoming({ hasFinalizer: false });
    case "holdCredentials":
    case "releaseCredentials": {
      const isHeld = action.type === "holdCredentials";
      return becoming(secret.state === "present" ? { credentials: { ...secret, isHeld } } : {});
    }
    case "releaseFormerCredentials":
      return becoming({ formerCredentials: [] });
    case "connect":
      return becoming({ connection: CONNECTED });
    case "probe":
      return connection === undefined ? world : probed(world, connection);
    case "refreshTenant":
      return connection === undefined ? world : refreshed(world, connection);
    case "disconnect":
      return { ...becoming({ connection: undefined, ...failing(observed, action.trouble) }), isRead: false };
    case "removeOrphans":
      return becoming({ orphans: { members: [], digest: "", isConfirmed: false } });
  }
}

const CONNECTED: ConnectionView = {
  ...{ isCurrent: true, connectedAt: NOW, missingPermissions: undefined, probedAt: undefined },
  ...{ refreshedAt: undefined, oldestReadAt: undefined, operator: OPERATOR },
};

const failing = ({ failure }: Observed, trouble: Trouble | undefined): Partial<Observed> =>
  trouble === undefined
    ? {}
    : { failure: { ...trouble, since: failure?.since ?? NOW, lastAt: NOW }, isReadRequested: false };

function probed(world: World, connection: ConnectionView): World {
  const { observed, missingPermissions, trouble } = world;
  if (trouble !== undefined) return { ...world, observed: { ...observed, ...failing(observed, trouble) } };
  const proved = { ...observed, connection: { ...connection, missingPermissions, probedAt: NOW } };
  if (missingPermissions.length === 0)
    return { ...world, observed: connection.refreshedAt === undefined ? proved : { ...proved, failure: undefined } };
  const stalled: Trouble = { kind: "stalled", reason: "PermissionsMissing", message: "some" };
  return { ...world, observed: { ...proved, ...failing(observed, stalled) } };
}

function refreshed(world: World, connection: ConnectionView): World {
  const { observed, trouble } = world;
  if (trouble !== undefined)
    return { ...world, observed: { ...observed, isReadRequested: false, ...failing(observed, trouble) } };
  const read = { connection: { ...connection, refreshedAt: NOW }, failure: undefined, doubtedAt: undefined };
  return { ...world, isRead: true, observed: { ...observed, ...read, isReadRequested: false } };
}

type Type = Action["type"];

const USING: readonly Type[] = ["connect", "probe", "refreshTenant", "removeOrphans"];
const LETTING_GO: readonly Type[] = ["removeFinalizer", "releaseCredentials"];

const isUsable = ({ connection, failure }: Observed): boolean =>
  connection?.isCurrent === true && connection.missingPermissions?.length === 0 && failure === undefined;

const LAWS: readonly Law<World, Action>[] = [
  ["a paused object is not touched", ({ desired }) => desired.isPaused && !desired.isAbsent],
  ["a deletion holds nothing", ({ desired }, { type }) => desired.isAbsent && type === "addFinalizer"],
  ["only a deletion lets go", ({ desired }, { type }) => LETTING_GO.includes(type) && !desired.isAbsent],
  ["what is needed stays", ({ observed }, { type }) => LETTING_GO.includes(type) && observed.dependents.length > 0],
  ["what others need stays", ({ observed }, { type }) => type === "releaseCredentials" && observed.isSecretShared],
  [
    "nothing is used without a credential",
    ({ observed }, { type }) => USING.includes(type) && observed.credentials.state !== "present",
  ],
  [
    "nothing is deleted without a confirmation",
    ({ observed }, { type }) => type === "removeOrphans" && observed.orphans?.isConfirmed !== true,
  ],
  [
    "nothing is deleted at a tenant that fails",
    ({ observed }, { type }) => type === "removeOrphans" && !isUsable(observed),
  ],
];

it("whatever the world, the plan of a provider ends and lets go of nothing that is needed", () => {
  holds(
    fc.property(worlds, (start) => {
      carriedOut<World, Action>(start, {
        planOf: ({ desired, observed }) => plan(desired, observed, NOW),
        ...{ after, laws: LAWS, now: NOW, most: MOST_ROUNDS },
      });
    }),
    4000,
  );
});
