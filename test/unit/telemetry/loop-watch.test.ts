import { expect, it } from "vitest";
import { watchLoop } from "../../../src/telemetry/loop-watch.ts";

/** Timers fire when the loop is let go, however late that is. */
function createLoop() {
  let now = 0;
  let due: { at: number; fn: () => void } | undefined;
  return {
    monotonicMs: () => now,
    after: (ms: number, fn: () => void) => {
      due = { at: now + ms, fn };
      return () => {
        due = undefined;
      };
    },
    /** Time passes, and nothing fires before its end. */
    hold: (ms: number) => {
      now += ms;
      const fired = due !== undefined && due.at <= now ? due : undefined;
      if (fired === undefined) return;
      due = undefined;
      fired.fn();
    },
    isWaiting: () => due !== undefined,
  };
}

const watched = () => {
  const loop = createLoop();
  const held: number[] = [];
  const watch = watchLoop(loop, (ms) => held.push(ms));
  return { loop, held, watch };
};

it("a loop that turns in time is no hang", () => {
  const { loop, held, watch } = watched();
  for (let i = 0; i < 1000; i++) loop.hold(210);
  expect(held).toEqual([]);
  expect(watch.unhealthy()).toBeUndefined();
});

it("a hang is told once, with its length, and one alone is no reason to end the process", () => {
  const { loop, held, watch } = watched();
  loop.hold(5200);
  loop.hold(200);
  expect(held).toEqual([5000]);
  expect(watch.unhealthy()).toBeUndefined();
});

it("a process that hangs for most of a minute, in whatever pieces, is unhealthy until it works again", () => {
  const { loop, watch } = watched();
  for (let i = 0; i < 10; i++) loop.hold(4000);
  expect(watch.unhealthy()).toBe("the event loop was held up for 38 s of the last minute");
  for (let i = 0; i < 301; i++) loop.hold(200);
  expect(watch.unhealthy()).toBeUndefined();
});

it("leaves no timer behind", () => {
  const { loop, watch } = watched();
  loop.hold(200);
  watch.stop();
  expect(loop.isWaiting()).toBe(false);
});

it("sees what really holds this process", async () => {
  const seen = new Promise<number>((resolve) => {
    const watch = watchLoop(
      {
        monotonicMs: () => performance.now(),
        after: (ms, fn) => {
          const timer = setTimeout(fn, ms);
          return () => {
            clearTimeout(timer);
          };
        },
      },
      (ms) => {
        watch.stop();
        resolve(ms);
      },
    );
  });
  const until = performance.now() + 600;
  while (performance.now() < until);
  expect(await seen).toBeGreaterThan(250);
});
