import { decodeJwt } from "jose";
import type { z } from "zod";

/**
 * Claims of a JWT, as the schema reads them; `undefined` for what is no JWT or has others. Checks no signature: only for
 * tokens that come from their issuer, or go to somebody who checks them.
 */
export function readClaims<Claims>(token: string, schema: z.ZodType<Claims>): Claims | undefined {
  try {
    return schema.safeParse(decodeJwt(token)).data;
  } catch {
    return undefined;
  }
}
