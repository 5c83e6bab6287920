import { it } from "vitest";
import fc from "fast-check";
import { EFFECTS } from "../../src/kinds/oauth-api/effects.ts";
import type { Action } from "../../src/kinds/oauth-api/model.ts";
import { isObserveOnly } from "../../src/kinds/access/observe-only.ts";
import { plan } from "../../src/kinds/oauth-api/plan.ts";
import { isOwnedBy } from "../../src/ownership/owner.ts";
import type { ObservedApi } from "../../src/ports/provider.ts";
import { apiAfter, type ApiWorld, apiWorlds } from "./api-world.ts";
import { holds } from "./holds.ts";
import { carriedOut, type Law } from "./rounds.ts";
import { isWithdrawn, NOW, OWNER } from "./worlds.ts";

/** As many rounds as one pass has. */
const MOST_ROUNDS = 8;

type Type = Action["type"];

/** Grants that consent does not allow are taken away whatever the state of the API is. */
const FOR_THE_WORSE: readonly Type[] = ["revokeGrant", "narrowGrant", "addFinalizer"];
const IN_A_DELETION: readonly Type[] = ["revokeGrant", "removeApi", "releaseApi", "abandonApi", "removeFinalizer"];
const PUBLISHING: readonly Type[] = ["publishConfigMap", "publishSigningSecret"];
const ON_THE_API: readonly Type[] = ["updateApi", "removeApi", "releaseApi", "adoptApi"];

const presentIn = ({ observed: { remote } }: ApiWorld): ObservedApi | undefined =>
  "api" in remote ? remote.api : undefined;

const isWithoutConsent = ({ desired, observed }: ApiWorld): boolean =>
  !desired.isAbsent && (desired.isPaused || isWithdrawn(observed.provider) || observed.audienceRefusal !== undefined);

const isRetained = ({ desired, observed }: ApiWorld): boolean =>
  (desired.deletionPolicy ?? (observed.origin === "Adopted" ? "Retain" : "Delete")) === "Retain";

/** Its mark names another owner, and no earlier resource of this name that may be recovered. */
function isOthers(world: ApiWorld): boolean {
  const mark = presentIn(world)?.mark;
  if (mark === undefined || isOwnedBy(mark, OWNER)) return false;
  return !(world.observed.mayRecover && mark.instance === OWNER.instance && mark.object === OWNER.object);
}

const LAWS: readonly Law<ApiWorld, Action>[] = [
  ["a deletion only takes away", ({ desired }, { type }) => desired.isAbsent && !IN_A_DELETION.includes(type)],
  [
    "without consent, or paused, only for the worse",
    (world, { type }) => isWithoutConsent(world) && !FOR_THE_WORSE.includes(type),
  ],
  [
    "whoever only observes writes nothing",
    ({ observed }, { type }) => isObserveOnly(observed.provider) && EFFECTS[type].touches === "tenant",
  ],
  [
    "only what was seen is published",
    ({ observed }, { type }) => PUBLISHING.includes(type) && observed.remote.kind !== "found",
  ],
  [
    "only what is absent is created",
    ({ observed }, { type }) => type === "createApi" && observed.remote.kind !== "absent",
  ],
  [
    "both sides allow an adoption",
    ({ desired, observed }, { type }) => type === "adoptApi" && !(desired.isAdopting && observed.mayAdopt),
  ],
  [
    "what is seen is written",
    (world, { type }) => (type === "updateApi" || type === "adoptApi") && presentIn(world) === undefined,
  ],
  ["what is retained stays", (world, { type }) => type === "removeApi" && world.desired.isAbsent && isRetained(world)],
  [
    "grants of others keep their API",
    ({ desired, observed }, { type }) =>
      type === "removeApi" && desired.isAbsent && !desired.isForced && (observed.grants?.others ?? []).length > 0,
  ],
  [
    "what others marked is theirs",
    (world, action) =>
      ON_THE_API.includes(action.type) && "ref" in action && action.ref !== undefined && isOthers(world),
  ],
  [
    "the provider's own is named by its id",
    (world, { type }) =>
      ["updateApi", "removeApi", "adoptApi"].includes(type) &&
      presentIn(world)?.isSystem === true &&
      world.desired.adoptedId === undefined,
  ],
];

it("whatever the world, the plan of an API ends and does nothing that it may not", () => {
  holds(
    fc.property(apiWorlds, (start) => {
      carriedOut<ApiWorld, Action>(start, {
        planOf: ({ desired, observed }) => plan(desired, observed, NOW),
        ...{ after: apiAfter, laws: LAWS, now: NOW, most: MOST_ROUNDS },
      });
    }),
    4000,
  );
});
