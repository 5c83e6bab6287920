import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../world.ts";
import { createSubject, FAST } from "./rotations.ts";
import { type SecretData, startWorkload, type WorkloadCount } from "./workload.ts";

/** Tests of one tenant have a client each, and mostly wait for it. */
const TOGETHER = { concurrent: true, timeout: 300_000 };

const PROPAGATION_MS = 30_000;

const KEYS = { authentication: { method: "private_key_jwt" } };
/** Files arrive later than this behind the cluster. */
const BEHIND_MS = 1000;
const rotation = { ...FAST, announce: "4s", overlap: "6s" };

interface Case {
  readonly spec: object;
  readonly fallsBack: boolean;
  readonly rotations: number;
}

/** Rotates one client again and again while a workload asks; what the workload counted. */
async function load(world: World, { spec, fallsBack, rotations }: Case): Promise<WorkloadCount> {
  const subject = await createSubject(world, { rotation, ...spec });
  const { caPem } = world.sandbox;
  const read = (): Promise<SecretData> => subject.secret();
  const workload = startWorkload({ read, caPem, filesBehindMs: BEHIND_MS, fallsBack, everyMs: 50 });
  for (let i = 0; i < rotations; i++) {
    const from = await subject.current();
    await subject.rotate();
    await subject.rotated(from);
  }
  return workload.stop();
}

const VENDORS = {
  okta: {
    prepare: (world: World) => Object.assign(world.sandbox.org.knobs, { secretPropagationMs: 4000 }),
    cases: [
      ["a secret", { spec: {}, fallsBack: false, rotations: 2 }],
      ["a key", { spec: KEYS, fallsBack: false, rotations: 2 }],
    ],
  },
  auth0: {
    // Half a minute in which one of the two secrets is taken at each moment, and nobody knows which.
    prepare: (world: World) =>
      Object.assign(world.sandbox.tenant.knobs, { secretPropagationMs: PROPAGATION_MS, secretPropagation: "either" }),
    cases: [
      ["a key", { spec: KEYS, fallsBack: false, rotations: 1 }],
      ["a secret, beside which next_ and previous_ are tried", { spec: {}, fallsBack: true, rotations: 2 }],
    ],
  },
} as const satisfies Record<
  string,
  { prepare: (world: World) => unknown; cases: readonly (readonly [string, Case])[] }
>;

describe.each(["okta", "auth0"] as const)("at %s, while a workload asks for tokens,", (vendor) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ vendor });
    VENDORS[vendor].prepare(world);
  });
  afterAll(() => world.end());

  it("no request fails, whatever is rotated", TOGETHER, async () => {
    const counts = await Promise.all(
      VENDORS[vendor].cases.map(async ([what, given]) => ({ what, ...(await load(world, given)) })),
    );
    for (const count of counts) {
      expect(count).toMatchObject({ failed: 0, firstFailure: undefined });
      expect(count.requests).toBeGreaterThan(20);
    }
  });

  it.runIf(vendor === "auth0")(
    "what only knows client_secret gets its token within a minute, with a fresh read",
    TOGETHER,
    async () => {
      const count = await load(world, { spec: {}, fallsBack: false, rotations: 1 });
      expect(count).toMatchObject({ failedForGood: 0 });
    },
  );
});
