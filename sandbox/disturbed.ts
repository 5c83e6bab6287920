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
  const isReplaced = effect.status !== undefined;
  const real = isReplaced && effect.commit !== true ? undefined : await handled();
  if (effect.drop === "after") return "dropped";
  if (isReplaced) return { status: effect.status ?? 500, body: effect.body, headers: effect.headers ?? {} };
  if (effect.cut === true && real?.body === undefined) return "dropped";
  return real === undefined ? { status: 500, headers: {} } : { ...real, isCut: effect.cut === true };
}

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
