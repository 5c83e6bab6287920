import type { Clock } from "../ports/clock.ts";

/** What the API server says of the one who holds a token. */
export type MetricsVerdict = "allowed" | "forbidden" | "unauthenticated";

/** Status of the answer that refuses; `undefined` when /metrics may be read. */
export type MetricsRefusal = 401 | 403 | 503 | undefined;

export interface MetricsAccessOptions {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly sha256: (text: string) => string;
  /** Asks the API server. */
  readonly judge: (token: string) => Promise<MetricsVerdict>;
}

/** For that long a scraper is not asked about again; a permission that is taken away ends by then. Milliseconds. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 64;
/** Strangers with made-up tokens cost the API server no more than that at a time. */
const MAX_QUESTIONS = 4;
const MAX_TOKEN_LENGTH = 16_384;

/**
 * Judges the `Authorization` header of a request for /metrics. Tokens are remembered by their digests. Rejects when the
 * API server does not answer.
 */
export function createMetricsAccess({ clock, sha256, judge }: MetricsAccessOptions) {
  const remembered = new Map<string, { readonly verdict: MetricsVerdict; readonly until: number }>();
  let questions = 0;
  const ask = async (key: string, token: string): Promise<MetricsVerdict> => {
    questions += 1;
    try {
      const verdict = await judge(token);
      for (const oldest of remembered.keys()) if (remembered.size >= MAX_REMEMBERED) remembered.delete(oldest);
      remembered.set(key, { verdict, until: clock.monotonicMs() + REMEMBERED_MS });
      return verdict;
    } finally {
      questions -= 1;
    }
  };
  return async (authorization: string | undefined): Promise<MetricsRefusal> => {
    const token = tokenOf(authorization);
    if (token === undefined) return 401;
    const key = sha256(token);
    const known = remembered.get(key);
    const isKnown = known !== undefined && known.until > clock.monotonicMs();
    if (!isKnown && questions >= MAX_QUESTIONS) return 503;
    return refusalOf(isKnown ? known.verdict : await ask(key, token));
  };
}

/** RFC 6750 section 2.1; the scheme in any case. */
function tokenOf(authorization = ""): string | undefined {
  if (authorization.slice(0, 7).toLowerCase() !== "bearer ") return undefined;
  const token = authorization.slice(7).trim();
  return token === "" || token.length > MAX_TOKEN_LENGTH ? undefined : token;
}

function refusalOf(verdict: MetricsVerdict): MetricsRefusal {
  if (verdict === "allowed") return undefined;
  return verdict === "forbidden" ? 403 : 401;
}
