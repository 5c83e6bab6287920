import fc from "fast-check";
import { it } from "vitest";
import { isObserveOnly } from "../../src/kinds/access/observe-only.ts";
import { isPublishable } from "../../src/kinds/m2m-client/credential/plan.ts";
import { EFFECTS } from "../../src/kinds/m2m-client/effects.ts";
import type { Action } from "../../src/kinds/m2m-client/model.ts";
import { plan } from "../../src/kinds/m2m-client/plan.ts";
import { isOwnedBy } from "../../src/ownership/owner.ts";
import type { ObservedClient } from "../../src/ports/provider.ts";
import { clientAfter, clientLater } from "./client-after.ts";
import { type ClientWorld, clientWorlds } from "./client-world.ts";
import { holds } from "./holds.ts";
import { carriedOut, type Ended, type Law } from "./rounds.ts";
import { OWNER } from "./worlds.ts";

/** As many rounds as two passes have: a client may be made, given a credential and rotated in one. */
const MOST_ROUNDS = 16;
/** So often a halted plan is asked again at the time that it names. */
const LATER = 5;

type Type = Action["type"];

const IN_A_DELETION: readonly Type[] = ["removeClient", "releaseClient", "abandonClient", "removeFinalizer"];
const FOR_THE_WORSE: readonly Type[] = ["removeUnmanagedGrant", "addFinalizer"];

const presentIn = ({ observed: { remote } }: ClientWorld): ObservedClient | undefined =>
  "client" in remote ? remote.client : undefined;

const isWithoutConsent = ({ desired, observed }: ClientWorld): boolean =>
  !desired.isAbsent && (desired.isPaused || observed.provider.state !== "ready");

/** The mark outlives the record. */
function isRetained(world: ClientWorld): boolean {
  const { desired, observed } = world;
  const { mark } = presentIn(world) ?? {};
  const isAdopted = mark === undefined ? observed.origin === "Adopted" : mark.origin === "adopted";
  return (desired.deletionPolicy ?? (isAdopted ? "Retain" : "Delete")) === "Retain";
}

/** On the client itself. */
const isWrite = (action: Action): boolean =>
  "ref" in action && action.ref !== undefined && action.type !== "removeUnmanagedGrant";

/** Its mark names another owner, and no earlier resource of this name that may be recovered. */
function isOthers(world: ClientWorld): boolean {
  const mark = presentIn(world)?.mark;
  if (mark === undefined || isOwnedBy(mark, OWNER)) return false;
  return !(world.observed.mayRecover && mark.instance === OWNER.instance && mark.object === OWNER.object);
}

function isProtected(world: ClientWorld): boolean {
  const { provider } = world.observed;
  const client = presentIn(world);
  const own = provider.state === "ready" ? provider.facts.ownClientId : undefined;
  return client?.isSystem === true || (client !== undefined && client.clientId === own);
}

function isAdoptable({ desired, observed }: ClientWorld): boolean {
  const { adoption, remote } = observed;
  return remote.kind !== "adoptable" || (!desired.isAbsent && adoption.isAllowed && remote.client?.isService === true);
}

/** There is a credential of the client that this round has seen. */
function isPublishedBlindly({ desired, observed }: ClientWorld): boolean {
  const { remote } = observed;
  return remote.kind !== "found" || !isPublishable({ desired, observed, client: remote.client });
}

const LAWS: readonly Law<ClientWorld, Action>[] = [
  ["a deletion only takes away", ({ desired }, { type }) => desired.isAbsent && !IN_A_DELETION.includes(type)],
  [
    "without consent, or paused, only for the worse",
    (world, { type }) => isWithoutConsent(world) && !FOR_THE_WORSE.includes(type),
  ],
  [
    "whoever only observes writes nothing",
    ({ observed }, { type }) => isObserveOnly(observed.provider) && EFFECTS[type].touches === "tenant",
  ],
  ["only what was seen is published", (world, { type }) => type === "publishSecret" && isPublishedBlindly(world)],
  [
    "only what is absent is created",
    ({ observed }, { type }) => type === "createClient" && observed.remote.kind !== "absent",
  ],
  [
    "another's Secret keeps no credential",
    ({ observed }, { type }) =>
      observed.state.ownership === "foreign" && ["createClient", "publishSecret"].includes(type),
  ],
  ["what is retained stays", (world, { type }) => type === "removeClient" && isRetained(world)],
  [
    "what is seen is written",
    (world, action) => isWrite(action) && (presentIn(world) === undefined || world.observed.remote.kind === "notOurs"),
  ],
  ["what others marked is theirs", (world, action) => isWrite(action) && isOthers(world)],
  ["the provider's and the operator's own are not touched", (world, action) => isWrite(action) && isProtected(world)],
  ["both sides allow an adoption", (world, action) => isWrite(action) && !isAdoptable(world)],
];

it("whatever the world, the plan of a client ends and does nothing that it may not", () => {
  holds(
    fc.property(clientWorlds, (start) => {
      let world = start;
      for (let times = 0; times <= LATER; times++) {
        const ended = ending(world);
        const at = timeOf(ended);
        if (at === undefined) return;
        world = clientLater(ended.world, at);
      }
    }),
    4000,
  );
});

const ending = (world: ClientWorld): Ended<ClientWorld, Action> =>
  carriedOut<ClientWorld, Action>(world, {
    planOf: ({ desired, observed, now }) => plan(desired, observed, now),
    ...{ after: clientAfter, laws: LAWS, now: world.now, most: MOST_ROUNDS },
  });

function timeOf({ plan: { halt, recheckAt } }: Ended<ClientWorld, Action>): Date | undefined {
  return halt !== undefined && "until" in halt ? halt.until : recheckAt;
}
