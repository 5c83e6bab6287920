import { describe, expect, it } from "vitest";
import { OktaError } from "../../../sandbox/okta/errors.ts";
import { bucketOf, type OktaPlan } from "../../../sandbox/okta/plans.ts";
import { createRateLimits } from "../../../sandbox/okta/rate-limits.ts";
import { bucketsOf, limitsOf } from "../../../src/providers/okta/limits.ts";
import type { RateLimit } from "../../../src/ports/provider-factory.ts";
import { createGovernor } from "../../../src/tenant/governor.ts";
import type { Feedback } from "../../../src/tenant/token-bucket.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

const MINUTES = 6;
const SHARE = 50;

interface Outcome {
  readonly sent: number;
  readonly refused: number;
}

/** One answer of the vendor, as the transport reads it. */
function answerOf(now: number, take: () => Readonly<Record<string, string>>): Feedback {
  const [status, headers] = ((): [number, Readonly<Record<string, string>>] => {
    try {
      return [200, take()];
    } catch (error) {
      if (error instanceof OktaError) return [error.status, error.headers];
      throw error;
    }
  })();
  const number = (name: string): number => Number(headers[`x-rate-limit-${name}`]);
  return { status, limit: number("limit"), remaining: number("remaining"), resetInMs: number("reset") * 1000 - now };
}

/** Work always waits. The vendor counts by windows, shows each answer after a while, and others use it too. */
async function busy(
  plan: OktaPlan,
  path: string,
  rateLimit: RateLimit | undefined,
  othersPerMinute = 0,
): Promise<Outcome> {
  const clock = createFakeClock();
  const now = (): number => clock.now().getTime();
  const [name = ""] = bucketsOf("POST", new URL(`https://org.example${path}`));
  const vendor = createRateLimits(plan, "window", SHARE);
  const count = (principal: string): Feedback =>
    answerOf(now(), () => vendor.count(bucketOf("POST", path), principal, now()));
  const governor = createGovernor(clock, limitsOf(rateLimit), SHARE);
  const outcome = { sent: 0, refused: 0 };
  const request = (): void => {
    const signal = new AbortController().signal;
    void governor.admit({ buckets: [name], workClass: "userChange", namespace: "a", signal }).then(() => {
      const feedback = count("operator");
      outcome.sent += 1;
      if (feedback.status === 429) outcome.refused += 1;
      clock.after(150, () => {
        governor.settle([name], feedback);
        request();
      });
    });
  };
  for (let worker = 0; worker < 16; worker++) request();
  for (let second = 0; second < MINUTES * 60; second++) {
    // With the operator's own token, so that its share is what they use up.
    if (second % 60 === 20) for (let i = 0; i < othersPerMinute; i++) count("operator");
    await clock.advance(1000);
  }
  return outcome;
}

describe("a vendor that counts by windows", () => {
  it.each([
    ["integrator", "/api/v1/apps", { requestsPerMinute: 100 }, 10],
    ["integrator", "/api/v1/authorizationServers", { requestsPerMinute: 100 }, 50],
    ["enterprise", "/api/v1/apps", { requestsPerMinute: 600 }, 50],
    ["enterprise", "/api/v1/authorizationServers", { requestsPerMinute: 600 }, 300],
  ] as const)(
    "never refuses on the plan %s at %s, and is used to the full",
    async (plan, path, rateLimit, perMinute) => {
      const { sent, refused } = await busy(plan, path, rateLimit);
      expect(refused).toBe(0);
      expect(sent / (perMinute * MINUTES)).toBeGreaterThan(0.95);
    },
  );

  it("tells its limit, so that none need be configured", async () => {
    const { sent, refused } = await busy("enterprise", "/api/v1/authorizationServers", undefined);
    expect(refused).toBe(0);
    // Of the 300 in the headers of one token, half is people's.
    expect(sent / MINUTES).toBeGreaterThan(130);
  });

  it("is never asked for more than it tells, whatever was configured", async () => {
    const { refused } = await busy("integrator", "/api/v1/authorizationServers", { requestsPerMinute: 600 });
    expect(refused).toBe(0);
  });

  it("is left alone until its window ends once others have used up what is left of it", async () => {
    const rateLimit = { requestsPerMinute: 100 };
    const { sent, refused } = await busy("integrator", "/api/v1/authorizationServers", rateLimit, 20);
    expect(refused).toBe(0);
    expect(sent / MINUTES).toBeGreaterThan(15);
  });
});
