import fc from "fast-check";
import { expect, it } from "vitest";
import { isPublishable } from "../../src/kinds/m2m-client/credential/plan.ts";
import { EFFECTS } from "../../src/kinds/m2m-client/effects.ts";
import type { Action } from "../../src/kinds/m2m-client/model.ts";
import { plan } from "../../src/kinds/m2m-client/plan.ts";
import { isOwnedBy } from "../../src/ownership/owner.ts";
import type { ObservedClient } from "../../src/ports/provider.ts";
import { clientAfter, clientLater } from "./client-after.ts";
import { type ClientWorld, clientWorlds, REF } from "./client-world.ts";
import { holds } from "./holds.ts";
import { carriedOut, type Ended } from "./rounds.ts";
import { OWNER } from "./worlds.ts";

/** As many rounds as two passes have: a client may be made, given a credential and rotated in one. */
const MOST_ROUNDS = 16;
/** So often a halted plan is asked again at the time that it names. */
const LATER = 5;

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
    ...{ after: clientAfter, expectAllowed, now: world.now, most: MOST_ROUNDS },
  });

function timeOf({ plan: { halt, recheckAt } }: Ended<ClientWorld, Action>): Date | undefined {
  return halt !== undefined && "until" in halt ? halt.until : recheckAt;
}

const IN_A_DELETION: readonly Action["type"][] = ["removeClient", "releaseClient", "abandonClient", "removeFinalizer"];
const FOR_THE_WORSE: readonly Action["type"][] = ["removeUnmanagedGrant", "addFinalizer"];

function expectAllowed(world: ClientWorld, action: Action): void {
  const { desired, observed } = world;
  const { provider, remote, state } = observed;
  const { touches } = EFFECTS[action.type];
  if (desired.isAbsent) expect(IN_A_DELETION).toContain(action.type);
  else if (desired.isPaused || provider.state !== "ready") expect(FOR_THE_WORSE).toContain(action.type);
  if (provider.state === "ready" && provider.facts.managementPolicy === "ObserveOnly")
    expect(touches).not.toBe("tenant");
  if (action.type === "createClient") expect(remote.kind).toBe("absent");
  if (action.type === "removeClient") expectRemovable(world);
  if (action.type === "publishSecret") expectSeen(world);
  if (state.ownership === "foreign") expect(["createClient", "publishSecret"]).not.toContain(action.type);
  if ("ref" in action && action.ref !== undefined && action.type !== "removeUnmanagedGrant") expectOurs(world);
}

function expectRemovable({ desired, observed }: ClientWorld): void {
  const client = presentIn(observed.remote);
  const isAdopted = client?.mark === undefined ? observed.origin === "Adopted" : client.mark.origin === "adopted";
  expect(desired.deletionPolicy ?? (isAdopted ? "Retain" : "Delete")).toBe("Delete");
}

/** What is published is the credential of the client that this round has seen. */
function expectSeen({ desired, observed }: ClientWorld): void {
  const { remote } = observed;
  if (remote.kind !== "found") throw new Error("published and not seen");
  expect(isPublishable({ desired, observed, client: remote.client }), "published without a credential").toBe(true);
}

/** Its mark says so, or the record where there is no mark, or both sides let it be taken over. */
function expectOurs({ desired, observed }: ClientWorld): void {
  const { adoption, mayRecover, provider, remote } = observed;
  const client = presentIn(remote);
  const isEarlier = mayRecover && client?.mark?.instance === OWNER.instance && client.mark.object === OWNER.object;
  expect(client?.ref).toBe(REF);
  expect(remote.kind).not.toBe("notOurs");
  expect(client?.mark === undefined || isOwnedBy(client.mark, OWNER) || isEarlier, "somebody else's").toBe(true);
  expect(client?.isSystem, "the provider's own").toBe(false);
  if (provider.state === "ready") expect(client?.clientId, "the operator's own").not.toBe(provider.facts.ownClientId);
  if (remote.kind === "adoptable")
    expect([adoption.isAllowed, client?.isService, desired.isAbsent]).toEqual([true, true, false]);
}

const presentIn = (remote: ClientWorld["observed"]["remote"]): ObservedClient | undefined =>
  "client" in remote ? remote.client : undefined;
