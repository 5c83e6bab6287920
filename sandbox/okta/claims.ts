import { z } from "zod";
import { invalid, notAllowed, notFound } from "./errors.ts";
import { type Json, merged } from "./json.ts";
import { childLinks } from "./links.ts";
import type { Org } from "./org.ts";
import { parsed, unknownOf } from "./request-body.ts";
import { pathIdOf } from "./servers.ts";
import { type Claim, newOktaId, type Server } from "./state.ts";

const claimBody = z.object({
  name: z.string().min(1),
  status: z.enum(["ACTIVE", "INACTIVE"]).optional(),
  claimType: z.enum(["RESOURCE", "IDENTITY"]),
  valueType: z.enum(["EXPRESSION", "GROUPS", "SYSTEM"]),
  value: z.string().optional(),
  group_filter_type: z.enum(["STARTS_WITH", "EQUALS", "CONTAINS", "REGEX"]).optional(),
  alwaysIncludeInToken: z.boolean().optional(),
  conditions: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});

/** Okta: names that a token has anyway. */
const RESERVED = new Set(["auth_time", "cid", "exp", "iat", "iss", "jti", "scp", "uid", "ver", "acr", "alg", "kid"]);

function claimFields(given: z.output<typeof claimBody>): Omit<Claim, "id" | "system"> {
  const { value, group_filter_type: filter } = given;
  return {
    name: given.name,
    status: given.status ?? "ACTIVE",
    claimType: given.claimType,
    valueType: given.valueType,
    ...(value === undefined ? {} : { value }),
    ...(filter === undefined ? {} : { group_filter_type: filter }),
    conditions: { scopes: given.conditions?.scopes ?? [] },
    alwaysIncludeInToken: given.alwaysIncludeInToken ?? false,
    apiResourceId: null,
  };
}

export function shownClaim(org: Org, server: Server, { extra = {}, ...claim }: Claim): Json {
  return merged(extra, { ...claim, _links: childLinks(org.url, pathIdOf(server), "claims", claim.id) });
}

export function claimOf({ claims }: Server, id: string): Claim {
  const claim = claims.get(id);
  if (claim === undefined) throw notFound(id, "OAuth2Claim");
  return claim;
}

/** The text is not recorded. */
function checkName(name: string): void {
  if (RESERVED.has(name)) throw invalid("name", `name: ${name} is reserved.`);
}

export function postClaim(org: Org, server: Server, body: unknown): object {
  const given = parsed(claimBody, body);
  checkName(given.name);
  const claim: Claim = { id: newOktaId("ocl"), system: false, ...claimFields(given) } as Claim;
  server.claims.set(claim.id, claim);
  return shownClaim(org, server, claim);
}

export function putClaim(org: Org, server: Server, id: string, body: unknown): object {
  const claim = claimOf(server, id);
  const given = parsed(claimBody, body);
  checkName(given.name);
  const extra = unknownOf(org, body, merged(shownClaim(org, server, { ...claim, extra: {} }), given));
  const changed = { id, system: claim.system, ...claimFields(given), extra } as Claim;
  server.claims.set(id, changed);
  return shownClaim(org, server, changed);
}

export function deleteClaim(server: Server, id: string): void {
  // That these stay is not documented.
  if (claimOf(server, id).system) throw notAllowed();
  server.claims.delete(id);
}
