import { verifiedClaims } from "./access-token.ts";
import { authenticate } from "./client-authentication.ts";
import { refusal } from "./oauth-errors.ts";
import type { Org } from "./org.ts";
import { activeClient, type Presented, textOf } from "./presented.ts";
import { pathIdOf } from "./servers.ts";
import type { Server } from "./state.ts";

const INACTIVE = { active: false };

/** RFC 7662. Tokens of another server, expired or revoked ones, and those of an app that is no longer active are not. */
export async function introspect(org: Org, server: Server, presented: Presented, nowMs: number): Promise<object> {
  await authenticate(org, presented, nowMs);
  const token = textOf(presented.form, "token");
  if (token === undefined) throw refusal("request_missing_token");
  const claims = (await verifiedClaims(server.keys, token, nowMs)) as Claims | undefined;
  const isOurs = claims?.iss.endsWith(`/oauth2/${pathIdOf(server)}`) === true;
  if (!isOurs || org.state.revoked.has(claims.jti) || activeClient(org, claims.cid) === undefined) return INACTIVE;
  const { scp, cid, exp, iat, sub, aud, iss, jti, cnf } = claims;
  return {
    active: true,
    token_type: cnf === undefined ? "Bearer" : "DPoP",
    scope: scp.join(" "),
    client_id: cid,
    ...{ exp, iat, sub, aud, iss, jti },
    ...(cnf === undefined ? {} : { cnf }),
  };
}

/** Of an access token that one of a server's keys signed. */
interface Claims {
  readonly scp: readonly string[];
  readonly cid: string;
  readonly exp: number;
  readonly iat: number;
  readonly sub: string;
  readonly aud: string;
  readonly iss: string;
  readonly jti: string;
  readonly cnf?: object;
}
