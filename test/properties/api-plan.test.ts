import { expect, it } from "vitest";
import fc from "fast-check";
import { EFFECTS } from "../../src/kinds/oauth-api/effects.ts";
import type { Action } from "../../src/kinds/oauth-api/model.ts";
import { plan } from "../../src/kinds/oauth-api/plan.ts";
import { isOwnedBy } from "../../src/ownership/owner.ts";
import { apiAfter, type ApiWorld, apiWorlds } from "./api-world.ts";
import { holds } from "./holds.ts";
import { carriedOut } from "./rounds.ts";
import { isWithdrawn, NOW, OWNER } from "./worlds.ts";

/** As many rounds as one pass has. */
const MOST_ROUNDS = 8;

it("whatever the world, the plan of an API ends and does nothing that it may not", () => {
  holds(
    fc.property(apiWorlds, (start) => {
      carriedOut<ApiWorld, Action>(start, {
        planOf: ({ desired, observed }) => plan(desired, observed),
        ...{ after: apiAfter, expectAllowed, now: NOW, most: MOST_ROUNDS },
      });
    }),
    4000,
  );
});

/** Grants that consent does not allow: taken away whatever the state of the API is. */
const FOR_THE_WORSE: readonly Action["type"][] = ["revokeGrant", "narrowGrant"];
const IN_A_DELETION: readonly Action["type"][] = [
  "revokeGrant",
  "removeApi",
  "releaseApi",
  "abandonApi",
  "removeFinalizer",
];
const PUBLISHING: readonly Action["type"][] = ["publishConfigMap", "publishSigningSecret"];

function expectAllowed(world: ApiWorld, action: Action): void {
  const { desired, observed } = world;
  const { provider, remote } = observed;
  if (desired.isAbsent) expect(IN_A_DELETION).toContain(action.type);
  else if (desired.isPaused) expect([...FOR_THE_WORSE, "addFinalizer"]).toContain(action.type);
  else if (isWithdrawn(provider) || observed.audienceRefusal !== undefined)
    expect([...FOR_THE_WORSE, "addFinalizer"]).toContain(action.type);
  if (provider.state === "ready" && provider.facts.managementPolicy === "ObserveOnly")
    expect(EFFECTS[action.type].touches).not.toBe("tenant");
  if (PUBLISHING.includes(action.type)) expect(remote.kind, "published and not seen").toBe("found");
  if (action.type === "createApi") expect(remote.kind).toBe("absent");
  if (action.type === "adoptApi")
    expect([desired.isAdopting, observed.mayAdopt, "api" in remote]).toEqual([true, true, true]);
  if (action.type === "removeApi") expectRemovable(world);
  if (
    (action.type === "updateApi" || action.type === "removeApi" || action.type === "releaseApi") &&
    action.ref !== undefined
  )
    expectOurs(world, action);
}

function expectRemovable({ desired, observed }: ApiWorld): void {
  if (!desired.isAbsent) return;
  const retains = desired.deletionPolicy ?? (observed.origin === "Adopted" ? "Retain" : "Delete");
  expect(retains).toBe("Delete");
  expect(desired.isForced || (observed.grants?.others ?? []).length === 0, "grants of others remain").toBe(true);
}

/** Its mark says so, or the record where there is no mark, or an earlier resource of its name where that may be recovered. */
function expectOurs({ desired, observed }: ApiWorld, { type }: Action): void {
  const { mayRecover, remote } = observed;
  expect(["found", "madeByPredecessor"]).toContain(remote.kind);
  const api = "api" in remote ? remote.api : undefined;
  const isEarlier = mayRecover && api?.mark?.instance === OWNER.instance && api.mark.object === OWNER.object;
  expect(api?.mark === undefined || isOwnedBy(api.mark, OWNER) || isEarlier, "the API of somebody else").toBe(true);
  if (remote.kind === "madeByPredecessor") expect(mayRecover).toBe(true);
  if (api?.isSystem === true && type !== "releaseApi")
    expect(desired.adoptedId, "the provider's own API").toBeDefined();
}
