import { managementError as auth0Error } from "./auth0/errors.ts";
import type { Fault } from "./faults.ts";
import { managementError as oktaError } from "./okta/errors.ts";

/** Of either vendor; a header may occur more than once. */
export interface AnyOutgoing {
  readonly status: number;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tokenClient?: string;
  /** Only half of it arrives. */
  readonly isCut?: boolean;
}

/** What the caller gets, a fault taken into account. */
export async function disturbed(
  handled: () => Promise<AnyOutgoing>,
  effect: Fault["effect"] | undefined,
  vendor: Fault["tenant"],
  nowMs: number,
): Promise<AnyOutgoing | "dropped"> {
  if (effect === undefined) return handled();
  if (effect.drop === "before" || effect.refuseMs !== undefined) return "dropped";
  if (effect.limitedForMs !== undefined) return limited(vendor, nowMs + effect.limitedForMs);
  if (effect.status === undefined || effect.commit === true) {
    const real = await handled();
    if (effect.drop === "after") return "dropped";
    if (effect.status === undefined) return effect.cut === true ? cut(real) : real;
  }
  return { status: effect.status, body: effect.body, headers: effect.headers ?? {} };
}

/** Nothing can be cut of an answer without a body. */
const cut = (real: AnyOutgoing): AnyOutgoing | "dropped" =>
  real.body === undefined ? "dropped" : { ...real, isCut: true };

function limited(vendor: Fault["tenant"], untilMs: number): AnyOutgoing {
  const reset = String(Math.ceil(untilMs / 1000));
  const { status, body } =
    vendor === "auth0"
      ? auth0Error(429, "Global limit has been reached", "too_many_requests")
      : oktaError(429, "E0000047", "API call exceeded rate limit due to too many requests.");
  const prefix = vendor === "auth0" ? "x-ratelimit" : "x-rate-limit";
  return {
    status,
    body,
    headers: { [`${prefix}-limit`]: "6000", [`${prefix}-remaining`]: "0", [`${prefix}-reset`]: reset },
  };
}
