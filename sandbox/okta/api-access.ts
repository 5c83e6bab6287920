import { verifiedClaims } from "./access-token.ts";
import { type AdminRole, mayCall } from "./admin-roles.ts";
import { challenged, insufficientScope } from "./challenges.ts";
import { hashOf, proofOf } from "./dpop.ts";
import { invalidToken, managementError, notAllowed } from "./errors.ts";
import type { OktaIncoming } from "./exchange.ts";
import { refusal } from "./oauth-errors.ts";
import type { Org } from "./org.ts";
import { activeClient } from "./presented.ts";

/** Who calls the org's own API. */
export interface Caller {
  /** What the limits and the call log know it by. */
  readonly id: string;
  readonly scheme: string;
  readonly role: AdminRole;
  /** Of the access token; an API token has no scopes and may do what its role may. */
  readonly scopes: readonly string[] | undefined;
}

/** Throws for credentials that are missing, unknown or not proven. */
export async function identify(org: Org, incoming: OktaIncoming): Promise<Caller> {
  const [, scheme = "", token = ""] = /^(SSWS|Bearer|DPoP) (.+)$/.exec(incoming.authorization ?? "") ?? [];
  // The answer to missing credentials is not recorded.
  if (scheme === "") throw managementError(403, "E0000005", "Invalid session");
  return scheme === "SSWS" ? byApiToken(org, token) : byAccessToken(org, incoming, scheme, token);
}

function byApiToken({ apiToken, apiTokens, knobs }: Org, token: string): Caller {
  const caller = { scheme: "SSWS", scopes: undefined };
  if (token === apiToken && !knobs.apiTokenRevoked) return { ...caller, id: "SSWS", role: knobs.apiTokenRole };
  const role = apiTokens.get(token);
  if (role === undefined) throw invalidToken();
  return { ...caller, id: `SSWS ${String([...apiTokens.keys()].indexOf(token) + 2)}`, role };
}

async function byAccessToken(org: Org, incoming: OktaIncoming, scheme: string, token: string): Promise<Caller> {
  const claims = await verifiedClaims([org.key], token, incoming.nowMs);
  const { iat, iss, cnf, scp, cid = "" } = (claims ?? {}) as OrgTokenClaims;
  const isRevoked = Number(iat) * 1000 < org.knobs.revokedBefore;
  if (claims === undefined || iss !== org.url || isRevoked || activeClient(org, cid) === undefined)
    throw invalidToken();
  await challenged(org, () => checkBinding(org, incoming, scheme, token, cnf?.jkt));
  return { id: cid, scheme, role: org.knobs.operatorRole, scopes: scp ?? [] };
}

interface OrgTokenClaims {
  readonly iat?: number;
  readonly iss?: string;
  readonly cnf?: { readonly jkt: string };
  readonly scp?: readonly string[];
  readonly cid?: string;
}

/** RFC 9449 section 7.1. */
async function checkBinding(
  org: Org,
  incoming: OktaIncoming,
  scheme: string,
  token: string,
  thumbprint: string | undefined,
): Promise<void> {
  if (thumbprint === undefined) {
    if (scheme === "DPoP") throw refusal("invalid_access_token_dpop_binding");
    return;
  }
  if (scheme !== "DPoP") throw refusal("dpop_authentication_scheme_required");
  const proof = await proofOf(org, incoming);
  if (proof.ath !== hashOf(token)) throw refusal("dpop_proof_invalid_ath");
  if (proof.thumbprint !== thumbprint) throw refusal("invalid_access_token_dpop_binding");
}

/** Throws for what the caller may not do. `area`: the first part of the scopes that are needed. */
export function authorize(org: Org, caller: Caller, incoming: OktaIncoming, area: string | undefined): void {
  const { method, path } = incoming;
  const needed = area === undefined ? undefined : `${area}.${method === "GET" ? "read" : "manage"}`;
  if (caller.scopes !== undefined && needed !== undefined && !covers(caller.scopes, needed))
    throw insufficientScope(org, caller.scheme, needed, path);
  if (!mayCall(caller.role, method, area)) throw notAllowed();
}

/** What may manage may read. */
const covers = (scopes: readonly string[], needed: string): boolean =>
  scopes.includes(needed) || scopes.includes(needed.replace(/read$/, "manage"));
