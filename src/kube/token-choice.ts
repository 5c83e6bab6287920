import { decodeJwt } from "jose";
import { z } from "zod";
import type { ServiceAccountToken } from "../ports/service-account-token.ts";

/** Claims of a Kubernetes service account token. The receiver checks the signature. */
const claimsSchema = z.object({
  iss: z.string().min(1),
  sub: z.string().regex(/^system:serviceaccount:[^:]+:[^:]+$/),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number().max(8_640_000_000_000),
});

/** What was found among the tokens. */
export type Choice =
  | { readonly kind: "token"; readonly token: ServiceAccountToken }
  /** The latest with the right audience. */
  | { readonly kind: "expired"; readonly expiredAt: Date }
  /** None has the right audience alone. Audiences of the others. */
  | { readonly kind: "none"; readonly audiences: readonly string[] };

interface Read extends ServiceAccountToken {
  readonly audiences: readonly string[];
  readonly expiresAt: number;
}

/**
 * The token that lives longest among those for this audience alone. A token for several audiences is not chosen: each of
 * them could use it at the others.
 */
export function chooseToken(texts: readonly string[], audience: string, now: Date): Choice {
  const read = texts.map(readToken).filter((token) => token !== undefined);
  const [latest] = read
    .filter(({ audiences }) => audiences.length === 1 && audiences[0] === audience)
    .sort((one, other) => other.expiresAt - one.expiresAt);
  if (latest === undefined)
    return { kind: "none", audiences: [...new Set(read.map(({ audiences }) => audiences.join(" and ")))].sort() };
  const { token, issuer, subject, expiresAt } = latest;
  if (expiresAt <= now.getTime()) return { kind: "expired", expiredAt: new Date(expiresAt) };
  return { kind: "token", token: { token, issuer, subject } };
}

function readToken(token: string): Read | undefined {
  const parsed = claimsSchema.safeParse(claimsIn(token));
  if (!parsed.success) return undefined;
  const { iss: issuer, sub: subject, aud, exp } = parsed.data;
  return { token, issuer, subject, audiences: [aud].flat(), expiresAt: exp * 1000 };
}

function claimsIn(token: string): unknown {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}
