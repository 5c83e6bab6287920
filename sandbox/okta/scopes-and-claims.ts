import { z } from "zod";
import { invalid, notFound } from "./errors.ts";
import { linkTo } from "./links.ts";
import type { Org } from "./org.ts";
import { parsed, pathIdOf } from "./servers.ts";
import { type Claim, newOktaId, type Scope, type Server } from "./state.ts";

/** RFC 6749 section 3.3, and what Okta keeps for itself. */
const scopeName = z
  .string()
  .regex(/^[!#-[\]-~]+$/)
  .refine((name) => !/^okta[.:]/.test(name) && name !== "okta" && name !== "*" && !/<.*>|>.*</.test(name));

const scopeBody = z.object({
  name: scopeName,
  displayName: z.string().nullish(),
  description: z.string().nullish(),
  consent: z.enum(["IMPLICIT", "FLEXIBLE", "REQUIRED"]).optional(),
  metadataPublish: z.enum(["ALL_CLIENTS", "NO_CLIENTS"]).optional(),
  default: z.boolean().optional(),
  optional: z.boolean().optional(),
});

type ScopeBody = z.output<typeof scopeBody>;

const selfOf = (org: Org, server: Server, type: string, id: string): object => ({
  self: linkTo(`${org.url}/api/v1/authorizationServers/${pathIdOf(server)}/${type}/${id}`)("", "GET", "PUT", "DELETE"),
});

export const shownScope = (org: Org, server: Server, scope: Scope): object => ({
  ...scope,
  _links: selfOf(org, server, "scopes", scope.id),
});

function find<T>(items: ReadonlyMap<string, T>, id: string, type: string): T {
  const item = items.get(id);
  if (item === undefined) throw notFound(id, type);
  return item;
}

export const scopeOf = ({ scopes }: Server, id: string): Scope => find(scopes, id, "OAuth2Scope");
export const claimOf = ({ claims }: Server, id: string): Claim => find(claims, id, "OAuth2Claim");

const scopeFields = (given: ScopeBody): Omit<Scope, "id"> => ({
  name: given.name,
  displayName: given.displayName ?? given.name,
  description: given.description ?? null,
  system: false,
  metadataPublish: given.metadataPublish ?? "NO_CLIENTS",
  consent: given.consent ?? "IMPLICIT",
  optional: given.optional ?? false,
  apiResourceId: null,
  default: given.default ?? false,
});

function checkUnique(server: Server, name: string, id: string | undefined): void {
  // The text for a duplicate is not recorded.
  if ([...server.scopes.values()].some((scope) => scope.name === name && scope.id !== id))
    throw invalid("name", `name: The scope ${name} exists already.`);
}

export function postScope(org: Org, server: Server, body: unknown): object {
  const given = parsed(scopeBody, body);
  checkUnique(server, given.name, undefined);
  const scope = { id: newOktaId("scp"), ...scopeFields(given) } as Scope;
  server.scopes.set(scope.id, scope);
  return shownScope(org, server, scope);
}

export function putScope(org: Org, server: Server, id: string, body: unknown): object {
  const scope = scopeOf(server, id);
  const given = parsed(scopeBody, body);
  checkUnique(server, given.name, id);
  Object.assign(scope, scopeFields(given), { system: scope.system });
  return shownScope(org, server, scope);
}

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

export const shownClaim = (org: Org, server: Server, claim: Claim): object => ({
  ...claim,
  _links: selfOf(org, server, "claims", claim.id),
});

export function postClaim(org: Org, server: Server, body: unknown): object {
  const given = parsed(claimBody, body);
  if (RESERVED.has(given.name)) throw invalid("name", `name: ${given.name} is reserved.`);
  const claim: Claim = { id: newOktaId("ocl"), system: false, ...claimFields(given) } as Claim;
  server.claims.set(claim.id, claim);
  return shownClaim(org, server, claim);
}

export function putClaim(org: Org, server: Server, id: string, body: unknown): object {
  const claim = claimOf(server, id);
  Object.assign(claim, claimFields(parsed(claimBody, body)));
  return shownClaim(org, server, claim);
}
