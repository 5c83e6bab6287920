import { createHash, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { nextRotationAt, shareOf } from "../../../../../src/kinds/m2m-client/rotation/schedule.ts";

const HOUR = 3_600_000;
const NOW = new Date("2026-06-01T00:00:00Z");
const ago = (ms: number): Date => new Date(NOW.getTime() - ms);
const after = (ms: number): Date => new Date(NOW.getTime() + ms);
const EVERY = 720 * HOUR;
const facts = { createdAt: NOW, everyMs: EVERY, share: 0, told: undefined };

describe("when a rotation is due", () => {
  it("is never later than every, and never earlier than nine tenths of it", () => {
    expect(nextRotationAt(facts, NOW)).toEqual(after(EVERY));
    expect(nextRotationAt({ ...facts, share: 0.999_999 }, NOW).getTime()).toBeGreaterThan(
      after(0.9 * EVERY).getTime() - 1,
    );
  });

  it("is what was told, once that has come", () => {
    const told = ago(1);
    expect(nextRotationAt({ ...facts, createdAt: ago(EVERY), told }, NOW)).toEqual(told);
  });

  it("is not at once for what nobody knew to be overdue, but spread", () => {
    expect(nextRotationAt({ ...facts, createdAt: ago(10 * EVERY), share: 0.5 }, NOW)).toEqual(after(0.05 * EVERY));
  });

  it("is sooner when every was made shorter", () => {
    const told = after(600 * HOUR);
    const shorter = { ...facts, createdAt: ago(100 * HOUR), everyMs: 24 * HOUR, share: 0.5, told };
    expect(nextRotationAt(shorter, NOW)).toEqual(after(1.2 * HOUR));
  });

  it.each([
    ["made together", NOW],
    ["switched on for old ones", ago(10 * EVERY)],
  ])("a thousand clients that were %s do not rotate in the same hour", (_what, createdAt) => {
    const perHour = new Map<number, number>();
    for (let client = 0; client < 1000; client++) {
      const share = shareOf(createHash("sha256").update(randomUUID()).digest("hex"));
      const hour = Math.floor(nextRotationAt({ ...facts, createdAt, share }, NOW).getTime() / HOUR);
      perHour.set(hour, (perHour.get(hour) ?? 0) + 1);
    }
    expect(Math.max(...perHour.values())).toBeLessThan(45);
    expect(perHour.size).toBeGreaterThan(60);
  });
});
