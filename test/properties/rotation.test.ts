import fc from "fast-check";
import { expect, it } from "vitest";
import { type RotationFacts, rotationStep } from "../../src/kinds/m2m-client/rotation/step.ts";
import type { CredentialLife } from "../../src/kinds/state-secret/facts.ts";
import { holds } from "./holds.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const at = (ms: number): Date => new Date(START + ms);
/** Far more than any rotation takes. */
const MOST_STEPS = 40;

const durations = fc.constantFrom(0, 1000, 60_000, 3_600_000);
const requests = fc.record({
  timing: fc.record({ announceMs: durations, overlapMs: durations, maxWaitMs: durations, propagationMs: durations }),
  overlap: fc.constantFrom("full" as const, "announced" as const, "none" as const),
  isAnnouncing: fc.boolean(),
  mayPodsHoldOld: fc.boolean(),
  isCompromised: fc.boolean(),
  isUntried: fc.boolean(),
});
type Request = typeof requests extends fc.Arbitrary<infer T> ? T : never;

/** What the tenant takes and what the Secret says, as the steps leave it. */
interface World {
  readonly facts: RotationFacts;
  readonly now: Date;
  /** Times of creation that the tenant accepts. */
  readonly accepted: readonly number[];
}

function begun({ timing, overlap, isAnnouncing, mayPodsHoldOld, isCompromised }: Request): World {
  const current: CredentialLife = { createdAt: at(-1000), isShown: false, publishedAt: at(-1000) };
  return {
    facts: {
      ...{ current, next: undefined, previous: undefined, isNextStale: false, cause: "Requested" },
      ...{ compromisedAt: isCompromised ? at(-1) : undefined, overlap, isPublished: true, isAnnouncing },
      ...{ mayPodsHoldOld, isNextUntried: false, timing },
    },
    now: at(0),
    accepted: [current.createdAt.getTime()],
  };
}

const idOf = (life: CredentialLife | undefined): number => life?.createdAt.getTime() ?? Number.NaN;

/** Carries out what the step asks for. `undefined`: it rests. */
function stepped({ facts, now, accepted }: World, { isUntried }: Request): World | undefined {
  const step = rotationStep(facts, now);
  const { current, next, previous } = facts;
  const turned = (change: Partial<RotationFacts>, takes = accepted): World => ({
    facts: { ...facts, ...change },
    now,
    accepted: takes,
  });
  const inForce = (life: CredentialLife | undefined): CredentialLife => ({
    ...(life ?? { createdAt: now }),
    ...{ isShown: false, activatedAt: now },
  });
  switch (step.type) {
    case "rest":
      return undefined;
    case "wait":
      expect(step.until > now, "a wait that is over").toBe(true);
      return { facts, now: step.until, accepted };
    case "prepareNext":
      return turned({ next: { createdAt: now, isShown: step.isShown }, isPublished: false, isNextUntried: isUntried });
    case "discardNext":
      return turned({ next: undefined });
    case "registerNext":
      return turned({ next: { ...(next as CredentialLife), registeredAt: now } }, [...accepted, idOf(next)]);
    case "tryNext":
      return turned({ isNextUntried: false });
    case "publish":
      return turned({ isPublished: true });
    case "noteAnnounced":
      return turned({ next: { ...(next as CredentialLife), announcedAt: now } });
    case "promoteNext":
      return turned({
        ...{ current: inForce(next), next: undefined, cause: undefined },
        previous: current,
        isPublished: false,
      });
    case "switchToNext":
      return turned(
        {
          ...{ current: inForce(next), next: undefined, cause: undefined, isPublished: false },
          previous: { ...(current as CredentialLife), isShown: true },
        },
        [idOf(next)],
      );
    case "replaceCurrent": {
      const made = inForce({ createdAt: now, isShown: false });
      return turned({ current: made, previous: undefined, cause: undefined, isPublished: false }, [idOf(made)]);
    }
    case "notePublished":
      return turned({ current: { ...(current as CredentialLife), publishedAt: now } });
    case "retirePrevious":
      return turned(
        { previous: undefined, isPublished: false },
        accepted.filter((id) => id !== idOf(previous)),
      );
    case "forgetPrevious":
      return turned({ previous: undefined, isPublished: false });
  }
}

it("every rotation ends, with one new credential in force, and the tenant always takes the one that is in force", () => {
  holds(
    fc.property(requests, (request) => {
      let world: World | undefined = begun(request);
      let last = world;
      for (let count = 0; world !== undefined; count++) {
        expect(count).toBeLessThan(MOST_STEPS);
        expect(world.accepted).toContain(idOf(world.facts.current));
        last = world;
        world = stepped(world, request);
      }
      const { current, next, previous } = last.facts;
      expect([next, previous]).toEqual([undefined, undefined]);
      expect(idOf(current)).toBeGreaterThanOrEqual(START);
      expect(last.accepted).toEqual([idOf(current)]);
    }),
  );
});
