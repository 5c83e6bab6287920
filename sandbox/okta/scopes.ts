import { z } from "zod";
import { invalid, notAllowed, notFound } from "./errors.ts";
import { type Json, merged } from "./json.ts";
import { childLinks } from "./links.ts";
import type { Org } from "./org.ts";
import { parsed, unknownOf } from "./request-body.ts";
import { pathIdOf } from "./servers.ts";
import { newOktaId, type Scope, type Server } from "./state.ts";

/** RFC 6749 section 3.3, and what Okta keeps for itself. */
const isFree = (name: string): boolean =>
  !/^okta[.:]/.test(name) && name !== "okta" && name !== "*" && !/<.*>|>.*</.test(name);

const scopeBody = z.object({
  name: z.string().regex(/^[!#-[\]-~]+$/),
  displayName: z.string().nullish(),
  description: z.string().nullish(),
  consent: z.enum(["IMPLICIT", "FLEXIBLE", "REQUIRED"]).optional(),
  metadataPublish: z.enum(["ALL_CLIENTS", "NO_CLIENTS"]).optional(),
  default: z.boolean().optional(),
  optional: z.boolean().optional(),
});

type ScopeBody = z.output<typeof scopeBody>;

export function shownScope(org: Org, server: Server, { extra = {}, ...scope }: Scope): Json {
  return merged(extra, { ...scope, _links: childLinks(org.url, pathIdOf(server), "scopes", scope.id) });
}

export function scopeOf({ scopes }: Server, id: string): Scope {
  const scope = scopes.get(id);
  if (scope === undefined) throw notFound(id, "OAuth2Scope");
  return scope;
}

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

/** The texts are not recorded. */
function checkName({ scopes }: Server, name: string, known: Scope | undefined): void {
  if (known?.name !== name && !isFree(name)) throw invalid("name", `name: The scope name ${name} is reserved.`);
  if ([...scopes.values()].some((scope) => scope.name === name && scope !== known))
    throw invalid("name", `name: The scope ${name} exists already.`);
}

export function postScope(org: Org, server: Server, body: unknown): object {
  const given = parsed(scopeBody, body);
  checkName(server, given.name, undefined);
  const scope = { id: newOktaId("scp"), ...scopeFields(given) } as Scope;
  server.scopes.set(scope.id, scope);
  return shownScope(org, server, scope);
}

export function putScope(org: Org, server: Server, id: string, body: unknown): object {
  const scope = scopeOf(server, id);
  const given = parsed(scopeBody, body);
  checkName(server, given.name, scope);
  const extra = unknownOf(org, body, merged(shownScope(org, server, { ...scope, extra: {} }), given));
  Object.assign(scope, scopeFields(given), { system: scope.system, extra });
  return shownScope(org, server, scope);
}

export function deleteScope({ knobs }: Org, server: Server, id: string): void {
  const { name, system } = scopeOf(server, id);
  // That these stay is not documented.
  if (system) throw notAllowed();
  const rules = [...server.policies.values()].flatMap((policy) => [...policy.rules.values()]);
  const isListed = rules.some(({ conditions }) => (conditions as ScopeCondition).scopes?.include.includes(name));
  if (knobs.strictScopeDelete && isListed) throw invalid("scope", "The scope is used by an access policy rule.");
  server.scopes.delete(id);
}

interface ScopeCondition {
  readonly scopes?: { readonly include: readonly string[] };
}
