import { describe, expect, it } from "vitest";
import { createWaitingLine, WORK_CLASSES, type Waiting, type WorkClass } from "../../../src/work/order.ts";

interface Item extends Waiting {
  readonly name: string;
}

const HOUR_MS = 3_600_000;
const URGENT: readonly WorkClass[] = ["compromised", "userChange"];
const BACKLOG = WORK_CLASSES.filter((workClass) => !URGENT.includes(workClass));

const item = (name: string, workClass: WorkClass, since = 0, namespace = "a", lane = ""): Item => ({
  ...{ name, workClass, since, namespace, lane },
});

/** Takes everything, one item each `stepMs`, from `now` on. */
function drained(items: readonly Item[], now: number, stepMs = 0): readonly string[] {
  const line = createWaitingLine<Item>();
  for (const one of items) line.add(one);
  const order: string[] = [];
  for (let at = now, next = line.take(at); next !== undefined; at += stepMs, next = line.take(at))
    order.push(next.name);
  return order;
}

const many = (count: number, workClass: WorkClass, namespace = "a"): readonly Item[] =>
  Array.from({ length: count }, (_, i) => item(`${workClass}${String(i)}`, workClass, i, namespace));

describe("what waits", () => {
  it.each(BACKLOG.flatMap((old) => URGENT.map((news) => [old, news] as const)))(
    "for an hour as %s does not pass a new %s of its namespace",
    (old, news) => {
      const order = drained([...many(1000, old), item("news", news, HOUR_MS)], HOUR_MS, 625);
      expect(order[0]).toBe("news");
    },
  );

  it.each(BACKLOG)("for an hour as %s does not pass a new change of another namespace", (old) => {
    expect(drained([...many(1000, old, "b"), item("news", "userChange", HOUR_MS)], HOUR_MS)[0]).toBe("news");
  });

  it("as compromised passes every change, however long that one waits", () => {
    const order = drained([...many(100, "userChange"), item("leak", "compromised", HOUR_MS)], HOUR_MS);
    expect(order[0]).toBe("leak");
  });

  it.each(BACKLOG.slice(1).map((lower, i) => [lower, BACKLOG[i] as WorkClass] as const))(
    "as %s passes a new %s once it waited long enough, and not before",
    (lower, higher) => {
      const at = (ms: number) => drained([item("old", lower, 0, "b"), item("new", higher, ms, "a")], ms)[0];
      expect(at(0)).toBe("new");
      expect(at(60_000)).toBe("old");
    },
  );

  it("keeps the order of its age within a class and namespace, whenever it was added", () => {
    const line = createWaitingLine<Item>();
    for (const since of [50, 10, 40, 10, 30]) line.add(item(String(since), "creation", since));
    const order = Array.from({ length: 5 }, () => line.take(100)?.name);
    expect(order).toEqual(["10", "10", "30", "40", "50"]);
    expect(line.size()).toBe(0);
  });
});

describe("a namespace", () => {
  it("buys with a compromise order among its own work, and none before the changes of another", () => {
    const order = drained(
      [
        ...many(100, "compromised", "loud"),
        item("edit", "userChange", HOUR_MS, "loud"),
        item("other", "userChange", HOUR_MS, "quiet"),
      ],
      HOUR_MS,
    );
    expect(order.indexOf("other")).toBeLessThanOrEqual(1);
    expect(order.at(-1)).toBe("edit");
  });

  it.each(URGENT.flatMap((news) => BACKLOG.map((old) => [news, old] as const)))(
    "that was %s eight times in a row lets a new %s of another go, whatever backlog it has itself",
    (workClass, old) => {
      const items = [...many(30, workClass, "loud"), ...many(30, "creation", "loud"), item("other", old, 0, "quiet")];
      expect(drained(items, 0).indexOf("other")).toBe(8);
    },
  );

  const flood = (workClass: WorkClass, count: number) => {
    const line = createWaitingLine<Item>();
    line.add(item("patient", "resync", 0, "quiet"));
    const order: string[] = [];
    for (let i = 0; i < count; i++) {
      line.add(item("flood", workClass, HOUR_MS + i, "loud"));
      order.push(line.take(HOUR_MS + i)?.name ?? "");
    }
    return order.indexOf("patient");
  };

  it.each(URGENT)("cannot starve others by what it calls %s", (workClass) => {
    expect(flood(workClass, 100)).toBeGreaterThanOrEqual(8);
  });

  it("that had its share of urgency is urgent again once nothing waits", () => {
    const line = createWaitingLine<Item>();
    for (let i = 0; i < 100; i++) {
      line.add(item("edit", "userChange", i));
      line.take(i);
    }
    line.add(item("old", "drift", 0, "b"));
    line.add(item("edit", "userChange", HOUR_MS));
    expect(line.take(HOUR_MS)?.name).toBe("edit");
  });

  it("that asks for one thing after the other takes turns with one that has a backlog", () => {
    const line = createWaitingLine<Item>();
    for (const one of many(20, "creation", "backlog")) line.add(one);
    const order: string[] = [];
    for (let i = 0; i < 10; i++) {
      line.add(item("single", "creation", 1000 + i, "single"));
      for (let turn = 0; turn < 2; turn++) order.push(line.take(2000)?.namespace ?? "");
    }
    expect(order.filter((namespace) => namespace === "backlog")).toHaveLength(10);
  });
});

it("what cannot go now is passed over, a lane at a time", () => {
  const line = createWaitingLine<Item>();
  for (let i = 0; i < 1000; i++) line.add(item("closed", "userChange", i, "a", "closed"));
  line.add(item("open", "resync", 0, "b", "open"));
  let asked = 0;
  const isOpen = ({ lane }: Item): boolean => {
    asked += 1;
    return lane === "open";
  };
  expect(line.take(0, isOpen)?.name).toBe("open");
  expect(line.take(0, isOpen)).toBeUndefined();
  expect(asked).toBe(3);
});
