import { describe, expect, it } from "vitest";
import { providerErrorOf as auth0ErrorOf } from "../../../src/providers/auth0/errors.ts";
import { providerErrorOf as oktaErrorOf } from "../../../src/providers/okta/errors.ts";
import { pauseIn } from "../../../src/tenant/retry-after.ts";

const NOW = new Date("2026-01-01T12:00:00Z");
const in20s = NOW.getTime() + 20_000;
const inADay = NOW.getTime() + 86_400_000;
const httpDate = (time: number): string => new Date(time).toUTCString();
const ahead = { date: httpDate(NOW.getTime() + 3_600_000) };

const CASES: readonly (readonly [string, Readonly<Record<string, string>>, number | undefined])[] = [
  ["seconds", { "retry-after": "20" }, 20_000],
  ["no seconds at all", { "retry-after": "0" }, 0],
  ["an HTTP date", { "retry-after": httpDate(in20s) }, 20_000],
  ["an HTTP date by the vendor's clock", { "retry-after": httpDate(in20s + 3_600_000), ...ahead }, 20_000],
  ["a reset in seconds since the epoch", { "x-ratelimit-reset": String(in20s / 1000) }, 20_000],
  ["a reset by the vendor's clock", { "x-rate-limit-reset": String(in20s / 1000 + 3600), ...ahead }, 20_000],
  ["a reset in milliseconds by mistake", { "x-rate-limit-reset": String(in20s) }, 20_000],
  ["a reset as a number of seconds", { "x-ratelimit-reset": "20" }, 20_000],
  ["a reset that is past", { "x-ratelimit-reset": String(NOW.getTime() / 1000 - 5) }, 0],
  ["a day in seconds", { "retry-after": "86400" }, 900_000],
  ["a day as a date", { "retry-after": httpDate(inADay) }, 900_000],
  ["a reset in a day", { "x-ratelimit-reset": String(inADay / 1000) }, 900_000],
  ["Retry-After before a reset", { "retry-after": "5", "x-ratelimit-reset": String(in20s / 1000) }, 5000],
  ["the reset when Retry-After is no time", { "retry-after": "soon", "x-ratelimit-reset": "20" }, 20_000],
  ["nothing", {}, undefined],
  ["a negative number", { "retry-after": "-5" }, undefined],
];

describe("the time until a limit ends", () => {
  it.each(CASES)("told as %s", (_what, headers, expected) => {
    expect(pauseIn(new Headers(headers), NOW)).toBe(expected);
  });

  it("cannot be told by a time of day alone", () => {
    expect(pauseIn(new Headers({ "retry-after": httpDate(in20s) }))).toBeUndefined();
  });

  it.each(CASES.filter(([, headers]) => Object.keys(headers).length > 0))(
    "is read alike in errors of every vendor: %s",
    (_what, entries, expected) => {
      const headers = new Headers({ date: NOW.toUTCString(), ...entries });
      const atLeast = expected === undefined ? undefined : Math.max(1000, expected);
      expect(oktaErrorOf({ status: 429, headers }, false).retryAfterMs).toBe(atLeast);
      expect(auth0ErrorOf({ statusCode: 429, rawResponse: { headers } }, false).retryAfterMs).toBe(atLeast);
    },
  );
});
