/** How a documented limit is refilled; the vendor's text allows both readings, so both are simulated. */
export type Refill = "window" | "continuous";

export interface LimitSpec {
  /** Requests per `per`, sustained. */
  readonly rate: number;
  readonly per: "second" | "minute";
  readonly burst: number;
}

export interface Plan {
  readonly management: LimitSpec | undefined;
  readonly listClients: LimitSpec | undefined;
  readonly token: LimitSpec | undefined;
  readonly entities: Readonly<Record<"apis" | "clients" | "grants" | "credentials", number>>;
}

const minute = (rate: number, burst: number): LimitSpec => ({ rate, per: "minute", burst });
const second = (rate: number, burst: number): LimitSpec => ({ rate, per: "second", burst });
const HUGE = { apis: 100_000, clients: 100_000, grants: 100_000, credentials: 2000 };

/** The plans as documented in August 2026. */
export const PLANS = {
  unlimited: { management: undefined, listClients: undefined, token: undefined, entities: HUGE },
  free: {
    management: second(2, 2),
    listClients: undefined,
    token: second(30, 30),
    entities: { apis: 10, clients: 10, grants: 100, credentials: 0 },
  },
  professional: {
    management: minute(150, 10),
    listClients: minute(100, 5),
    token: second(25, 25),
    entities: { apis: 100, clients: 100, grants: 10_000, credentials: 0 },
  },
  "enterprise-production": {
    management: second(16, 50),
    listClients: undefined,
    token: second(100, 100),
    entities: HUGE,
  },
  "enterprise-non-production": {
    management: second(2, 10),
    listClients: undefined,
    token: second(100, 100),
    entities: HUGE,
  },
} as const satisfies Record<string, Plan>;

export type PlanName = keyof typeof PLANS;

export interface Verdict {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Unix seconds. */
  readonly resetAt: number;
}

export interface Limiter {
  take(nowMs: number): Verdict;
}

export function createLimiter(spec: LimitSpec, refill: Refill): Limiter {
  if (refill === "continuous") return continuous(spec);
  return spec.per === "second" ? refilledEachSecond(spec) : countedByMinute(spec);
}

/** A bucket of the burst's size that fills evenly. */
function continuous({ rate, per, burst }: LimitSpec): Limiter {
  const perMs = rate / (per === "second" ? 1000 : 60_000);
  let tokens = burst;
  let at: number | undefined;
  return {
    take: (now) => {
      tokens = Math.min(burst, tokens + (now - (at ?? now)) * perMs);
      at = now;
      const isAllowed = tokens >= 1;
      if (isAllowed) tokens -= 1;
      const untilNext = isAllowed ? 0 : (1 - tokens) / perMs;
      return { isAllowed, limit: burst, remaining: Math.floor(tokens), resetAt: Math.ceil((now + untilNext) / 1000) };
    },
  };
}

/** A bucket of the burst's size to which the rate is added at the top of each second. */
function refilledEachSecond({ rate, burst }: LimitSpec): Limiter {
  let tokens = burst;
  let second: number | undefined;
  return {
    take: (now) => {
      const current = Math.floor(now / 1000);
      tokens = Math.min(burst, tokens + (current - (second ?? current)) * rate);
      second = current;
      const isAllowed = tokens >= 1;
      if (isAllowed) tokens -= 1;
      return { isAllowed, limit: burst, remaining: tokens, resetAt: current + 1 };
    },
  };
}

/** So many in each minute of the clock, and no more than the burst within one second. */
function countedByMinute({ rate, burst }: LimitSpec): Limiter {
  let minute = { start: -1, count: 0 };
  let second = { start: -1, count: 0 };
  return {
    take: (now) => {
      const [thisMinute, thisSecond] = [Math.floor(now / 60_000), Math.floor(now / 1000)];
      if (minute.start !== thisMinute) minute = { start: thisMinute, count: 0 };
      if (second.start !== thisSecond) second = { start: thisSecond, count: 0 };
      const isAllowed = minute.count < rate && second.count < burst;
      if (isAllowed) {
        minute.count += 1;
        second.count += 1;
      }
      const resetAt = minute.count >= rate ? (thisMinute + 1) * 60 : thisSecond + 1;
      return { isAllowed, limit: burst, remaining: Math.min(rate - minute.count, burst - second.count), resetAt };
    },
  };
}
