import fc from "fast-check";
import { expect, it } from "vitest";
import { createWaitingLine, WORK_CLASSES, type Waiting } from "../../src/work/order.ts";
import { holds } from "./holds.ts";

interface Item extends Waiting {
  readonly n: number;
}

const items = fc
  .array(
    fc.record({
      workClass: fc.constantFrom(...WORK_CLASSES),
      namespace: fc.constantFrom("a", "b", "c"),
      lane: fc.constantFrom("one", "two"),
      since: fc.integer({ min: 0, max: 600_000 }),
    }),
    { maxLength: 60 },
  )
  .map((all) => all.map((item, n): Item => ({ ...item, n })));

function drained(all: readonly Item[], now: number): readonly Item[] {
  const line = createWaitingLine<Item>();
  for (const item of all) line.add(item);
  const order: Item[] = [];
  for (let next = line.take(now); next !== undefined; next = line.take(now)) order.push(next);
  return order;
}

it("whatever waits is served once, and nothing else is", () => {
  holds(
    fc.property(items, (all) => {
      expect(
        drained(all, 600_000)
          .map(({ n }) => n)
          .toSorted((a, b) => a - b),
      ).toEqual(all.map(({ n }) => n));
    }),
  );
});

it("of one class, namespace and lane, what waits longer is served first", () => {
  holds(
    fc.property(items, (all) => {
      const groups = Map.groupBy(
        drained(all, 600_000),
        ({ workClass, namespace, lane }) => `${workClass} ${namespace} ${lane}`,
      );
      for (const [, group] of groups)
        expect(group.map(({ since }) => since)).toEqual(group.map(({ since }) => since).toSorted((a, b) => a - b));
    }),
  );
});

it("an item of a lane that may not go stays, and holds up nothing of another lane", () => {
  holds(
    fc.property(items, (all) => {
      const line = createWaitingLine<Item>();
      for (const item of all) line.add(item);
      const served: Item[] = [];
      const isEligible = ({ lane }: Item): boolean => lane === "one";
      for (let next = line.take(600_000, isEligible); next !== undefined; next = line.take(600_000, isEligible))
        served.push(next);
      expect(served).toHaveLength(all.filter(isEligible).length);
      expect(line.size()).toBe(all.length - served.length);
    }),
  );
});

it("a namespace without end of urgent work never keeps another's item waiting for more than its share", () => {
  holds(
    fc.property(
      fc.constantFrom(...WORK_CLASSES),
      fc.constantFrom("compromised" as const, "userChange" as const),
      (workClass, flood) => {
        const line = createWaitingLine<Item>();
        const own: Item = { workClass, namespace: "quiet", lane: "one", since: 0, n: -1 };
        line.add(own);
        let [taken, count] = [undefined as Item | undefined, 0];
        for (; taken !== own && count < 500; count++) {
          line.add({ workClass: flood, namespace: "loud", lane: "one", since: count, n: count });
          // Waiting lifts what is less urgent, so that the clock has to continue.
          taken = line.take(count * 30_000);
        }
        expect(count).toBeLessThanOrEqual(64);
      },
    ),
    50,
  );
});
