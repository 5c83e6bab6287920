import { expect, it } from "vitest";
import { expiryOf, holdToken } from "../../../src/oauth/held-token.ts";
import { refusedOnce } from "../../../src/oauth/refused-once.ts";
import { ProviderError } from "../../../src/ports/provider-error.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

interface Token {
  readonly name: string;
  readonly expiresAt: number;
}

/** A token endpoint whose answers are given by hand, and the token that is held of it. */
function endpoint(lifetimeSeconds = 3600) {
  const clock = createFakeClock();
  const asked: { give(): void; refuse(error: Error): void }[] = [];
  const held = holdToken<Token>(() => {
    const name = `token ${String(asked.length + 1)}`;
    const expiresAt = expiryOf(clock.now(), lifetimeSeconds);
    return new Promise((resolve, reject) => {
      asked.push({
        give: () => {
          resolve({ name, expiresAt });
        },
        refuse: reject,
      });
    });
  }, clock);
  const next = async (): Promise<string> => {
    const waiting = held.current();
    asked.at(-1)?.give();
    return (await waiting).name;
  };
  return { clock, asked, held, next };
}

it("fetches one token for everybody who waits, and keeps it", async () => {
  const { held, asked } = endpoint();
  const waiting = Array.from({ length: 50 }, () => held.current());
  expect(asked).toHaveLength(1);
  asked[0]?.give();
  expect(new Set((await Promise.all(waiting)).map(({ name }) => name))).toEqual(new Set(["token 1"]));
  await held.current();
  expect(asked).toHaveLength(1);
});

it("tells everybody who waits of a failure, and does not keep it", async () => {
  const { held, asked, next } = endpoint();
  const waiting = [held.current(), held.current()];
  asked[0]?.refuse(new Error("no answer"));
  for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe("rejected");
  expect(await next()).toBe("token 2");
});

it("replaces a token a minute before it expires, and not earlier", async () => {
  const { clock, next } = endpoint(3600);
  await next();
  await clock.advance(3_539_999);
  expect(await next()).toBe("token 1");
  await clock.advance(1);
  expect(await next()).toBe("token 2");
});

it("goes on with a token that still works when the next one cannot be had", async () => {
  const { clock, held, asked, next } = endpoint(3600);
  await next();
  await clock.advance(3_550_000);
  const waiting = held.current();
  asked[1]?.refuse(new Error("no answer"));
  expect((await waiting).name).toBe("token 1");
  await clock.advance(50_000);
  const late = held.current();
  asked[2]?.refuse(new Error("no answer"));
  await expect(late).rejects.toThrow("no answer");
});

it("does not fetch a token for every call where tokens live for seconds", async () => {
  const { next } = endpoint(5);
  expect([await next(), await next()]).toEqual(["token 1", "token 1"]);
});

it("is replaced at once when it is refused, and its successors after growing pauses while they are refused too", async () => {
  const { clock, held, next } = endpoint();
  await next();
  const ages: number[] = [];
  for (let tokens = 0; tokens < 7; tokens++) {
    let age = 0;
    for (; !held.drop(); age += 1000) await clock.advance(1000);
    ages.push(age);
    await next();
  }
  expect(ages).toEqual([0, 5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  await clock.advance(120_001);
  expect(held.drop()).toBe(true);
  await next();
  await clock.advance(5000);
  expect(held.drop()).toBe(true);
});

it("is replaced at most once a minute for want of a permission", async () => {
  const { clock, held, next } = endpoint();
  await next();
  expect(held.drop(0, "permission")).toBe(true);
  await next();
  await clock.advance(59_999);
  expect(held.drop(1, "permission")).toBe(false);
  await clock.advance(1);
  expect(held.drop(1, "permission")).toBe(true);
});

it("two calls refused one after the other within a minute are both tried again with a fresh token", async () => {
  const { clock, held, asked } = endpoint();
  const run = refusedOnce((error) => error as ProviderError, held);
  const refusedFor = async (name: string): Promise<string> => {
    const waiting = held.current();
    asked.at(-1)?.give();
    const token = await waiting;
    if (token.name === name) throw new ProviderError("unauthorized", "refused");
    return token.name;
  };
  await run(() => refusedFor(""), true);
  await clock.advance(10_000);
  expect(await run(() => refusedFor("token 1"), true)).toBe("token 2");
  await clock.advance(10_000);
  expect(await run(() => refusedFor("token 2"), true)).toBe("token 3");
});

it("is not replaced by one that was asked for before the drop", async () => {
  const { held, asked, next } = endpoint();
  const early = held.current();
  held.drop();
  const late = held.current();
  expect(asked).toHaveLength(2);
  asked[1]?.give();
  expect((await late).name).toBe("token 2");
  asked[0]?.give();
  await early;
  expect(await next()).toBe("token 2");
});

it("of many calls that one token was refused for, each is tried again with the next, which is fetched once", async () => {
  const { held, asked } = endpoint();
  const run = refusedOnce((error) => error as ProviderError, held);
  const call = async (): Promise<string> => {
    const { name } = await held.current();
    if (name === "token 1") throw new ProviderError("unauthorized", "refused");
    return name;
  };
  const calls = Array.from({ length: 10 }, () => run(call, true));
  asked[0]?.give();
  await expect.poll(() => asked.length).toBe(2);
  asked[1]?.give();
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 10 }, () => "token 2"));
  expect(asked).toHaveLength(2);
});

it("a call that is refused with a fresh token as well is not tried a third time", async () => {
  const { held, asked } = endpoint();
  const run = refusedOnce((error) => error as ProviderError, held);
  let calls = 0;
  const refused = run(async () => {
    calls += 1;
    const waiting = held.current();
    asked.at(-1)?.give();
    await waiting;
    throw new ProviderError("forbidden", "refused");
  }, true);
  await expect(refused).rejects.toMatchObject({ code: "forbidden" });
  expect(calls).toBe(2);
});
