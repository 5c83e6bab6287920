import { expect, it } from "vitest";
import type { Ref } from "../../../src/ports/provider.ts";
import { createClientReadings } from "../../../src/providers/auth0/grants-of-client.ts";

const JOB = "job" as Ref;
const at = (seconds: number): Date => new Date(seconds * 1000);

function subject(read: () => Promise<void> = () => Promise.resolve()) {
  const seen = { now: 10, reads: 0 };
  const readings = createClientReadings(
    () => {
      seen.reads++;
      return read();
    },
    () => at(seen.now),
  );
  return { seen, readings };
}

it("the grants of a client that arrive together need one reading", async () => {
  const { seen, readings } = subject();
  await Promise.all([5, 8, 10].map((second) => readings.ensure(JOB, at(second))));
  expect(seen.reads).toBe(1);
});

it("a reading that began earlier is too old, and one of another client says nothing", async () => {
  const { seen, readings } = subject();
  await readings.ensure(JOB, at(10));
  seen.now = 20;
  await readings.ensure(JOB, at(11));
  await readings.ensure("other" as Ref, at(11));
  expect(seen.reads).toBe(3);
});

it("one that failed is tried again, and fails for whoever shared it", async () => {
  let fails = true;
  const { seen, readings } = subject(() => (fails ? Promise.reject(new Error("no answer")) : Promise.resolve()));
  const both = await Promise.allSettled([readings.ensure(JOB, at(5)), readings.ensure(JOB, at(5))]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(seen.reads).toBe(1);
  fails = false;
  await readings.ensure(JOB, at(5));
  expect(seen.reads).toBe(2);
});

it("a listing takes the place of what was read before", async () => {
  const { seen, readings } = subject();
  await readings.ensure(JOB, at(5));
  readings.forgetBefore(at(11));
  await readings.ensure(JOB, at(5));
  expect(seen.reads).toBe(2);
});
