import { verifiedClaims } from "./access-token.ts";
import { authenticate } from "./client-authentication.ts";
import { refusal } from "./oauth-errors.ts";
import type { Org } from "./org.ts";
import { type Presented, textOf } from "./presented.ts";
import type { Server } from "./state.ts";

/** RFC 7009: a client can take back its own tokens, and an unknown one is gone already. */
export async function revoke(org: Org, server: Server, presented: Presented, nowMs: number): Promise<void> {
  const app = await authenticate(org, presented, nowMs);
  const token = textOf(presented.form, "token");
  if (token === undefined) throw refusal("request_missing_token");
  const claims = await verifiedClaims(server.keys, token, nowMs);
  if (claims?.jti !== undefined && claims["cid"] === app.clientId) org.state.revoked.add(claims.jti);
}
