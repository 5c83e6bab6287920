import { createHash, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { nextRotationAt, jitterOf } from "../../../../../src/kinds/m2m-client/rotation/schedule.ts";

const HOUR = 3_600_000;
const NOW = new Date("2026-06-01T00:00:00Z");
const ago = (ms: number): Date => new Date(NOW.getTime() - ms);
const after = (ms: number): Date => new Date(NOW.getTime() + ms);
const EVERY = 720 * HOUR;
const facts = { createdAt: NOW, everyMs: EVERY, jitter: 0, previouslyScheduledAt: undefined };

describe("when a rotation is due", () => {
  it("is never later than every, and never earlier than nine tenths of it", () => {
    expect(nextRotationAt(facts, NOW)).toEqual(after(EVERY));
    expect(nextRotationAt({ ...facts, jitter: 0.999_999 }, NOW).getTime()).toBeGreaterThan(
      after(0.9 * EVERY).getTime() - 1,
    );
  });

  it("is the time that status published, once that has come", () => {
    const previouslyScheduledAt = ago(1);
    expect(nextRotationAt({ ...facts, createdAt: ago(EVERY), previouslyScheduledAt }, NOW)).toEqual(
      previouslyScheduledAt,
    );
  });

  it("is not at once for what nobody knew to be overdue, but spread", () => {
    expect(nextRotationAt({ ...facts, createdAt: ago(10 * EVERY), jitter: 0.5 }, NOW)).toEqual(after(0.05 * EVERY));
  });

  it("is sooner when every was made shorter", () => {
    const previouslyScheduledAt = after(600 * HOUR);
    const shorter = { ...facts, createdAt: ago(100 * HOUR), everyMs: 24 * HOUR, jitter: 0.5, previouslyScheduledAt };
    expect(nextRotationAt(shorter, NOW)).toEqual(after(1.2 * HOUR));
  });

  it.each([
    ["made together", NOW],
    ["switched on for old ones", ago(10 * EVERY)],
  ])("a thousand clients that were %s do not rotate in the same hour", (_what, createdAt) => {
    const perHour = new Map<number, number>();
    for (let client = 0; client < 1000; client++) {
      const jitter = jitterOf(createHash("sha256").update(randomUUID()).digest("hex"));
      const hour = Math.floor(nextRotationAt({ ...facts, createdAt, jitter }, NOW).getTime() / HOUR);
      perHour.set(hour, (perHour.get(hour) ?? 0) + 1);
    }
    expect(Math.max(...perHour.values())).toBeLessThan(45);
    expect(perHour.size).toBeGreaterThan(60);
  });
});
