import { createHash } from "node:crypto";
import { PLANS } from "../limits.ts";
import { deleteGrant } from "./client-grants.ts";
import { createResourceServer, parseBody, updateResourceServer } from "./bodies.ts";
import { invalidBody, managementError, tooManyEntities } from "./errors.ts";
import { checkQuery, paged, PAGING, type Query, selected } from "./paging.ts";
import { newId, type ResourceServer } from "./state.ts";
import type { Tenant } from "./tenant.ts";

const notFound = () => managementError(404, "The resource server does not exist", "inexistent_resource_server");

/** By id or identifier. */
function find({ state }: Tenant, key: string): ResourceServer | undefined {
  return state.resourceServers.get(key) ?? [...state.resourceServers.values()].find((api) => api.identifier === key);
}

export function listResourceServers(tenant: Tenant, query: Query): unknown {
  checkQuery(query, [...PAGING, "identifiers", "include_totals"]);
  const wanted = query["identifiers"];
  const identifiers = typeof wanted === "string" ? [wanted] : wanted;
  const all = [...tenant.state.resourceServers.values()];
  const matching = identifiers === undefined ? all : all.filter((api) => identifiers.includes(api.identifier));
  return paged(
    matching.map((api) => selected(api, query)),
    query,
    "resource_servers",
    false,
  );
}

export function getResourceServer(tenant: Tenant, key: string): ResourceServer {
  const api = find(tenant, key);
  if (api === undefined) throw notFound();
  return api;
}

/** Of APIs that the tenant itself has or may have. */
function isReserved({ domain }: Tenant, identifier: string): boolean {
  return identifier === `https://${domain}/me/` || identifier.startsWith("urn:auth0:");
}

export function postResourceServer(tenant: Tenant, body: unknown): ResourceServer {
  const given = parseBody(createResourceServer, body);
  const { state, plan } = tenant;
  if (isReserved(tenant, given.identifier)) throw managementError(400, "The selected identifier is reserved.");
  if (find(tenant, given.identifier) !== undefined)
    throw managementError(409, "A resource server with the same identifier already exists.");
  if (state.resourceServers.size - 1 >= PLANS[plan].entities.apis) throw tooManyEntities();
  const api: ResourceServer = {
    id: newId.resourceServer(),
    allow_offline_access: false,
    skip_consent_for_verifiable_first_party_clients: false,
    subject_type_authorization: { client: { policy: "require_client_grant" }, user: { policy: "allow_all" } },
    token_lifetime: 86_400,
    token_lifetime_for_web: 7200,
    signing_alg: "RS256",
    ...stored(given),
    ...lifetimesOf(given, {}),
    identifier: given.identifier,
  };
  if (api["signing_alg"] === "HS256") api["signing_secret"] ??= newId.secret().slice(0, 32);
  state.resourceServers.set(api.id, api);
  return api;
}

export function patchResourceServer(tenant: Tenant, key: string, body: unknown): ResourceServer {
  const change = parseBody(updateResourceServer, body);
  const api = find(tenant, key);
  if (api === undefined) throw notFound();
  if (api["is_system"] === true && "scopes" in change) throw invalidBody("'Additional properties not allowed: scopes'");
  if (api["is_system"] === true) throw managementError(400, "System resource servers cannot be patched.");
  const lifetimes = lifetimesOf(change, api);
  for (const [name, value] of Object.entries({ ...change, ...stored(change), ...lifetimes })) {
    if (value === null) Reflect.deleteProperty(api, name);
    else api[name] = value;
  }
  return api;
}

export function deleteResourceServer(tenant: Tenant, key: string): void {
  const api = find(tenant, key);
  if (api === undefined) return;
  if (api["is_system"] === true) throw managementError(400, "System resource servers cannot be deleted.");
  tenant.state.resourceServers.delete(api.id);
  if (!tenant.knobs.cascadeGrantsOnApiDelete) return;
  for (const grant of [...tenant.state.grants.values()])
    if (grant.audience === api.identifier) deleteGrant(tenant, grant.id);
}

/** The one for browsers is never above that for all. Not recorded: refused where it was requested, else lowered too. */
function lifetimesOf(
  change: Readonly<Record<string, unknown>>,
  { token_lifetime: before = 86_400, token_lifetime_for_web: webBefore = 7200 }: Readonly<Record<string, unknown>>,
): object {
  const [all, web] = [
    Number(change["token_lifetime"] ?? before),
    Number(change["token_lifetime_for_web"] ?? webBefore),
  ];
  if (web <= all) return {};
  if (change["token_lifetime_for_web"] !== undefined)
    throw invalidBody("'token_lifetime_for_web must not be greater than token_lifetime'");
  return { token_lifetime_for_web: all };
}

/** What is kept: nothing for null, and of an encryption key its thumbprint in place of the key. */
function stored(body: { readonly token_encryption?: object | null | undefined }): object {
  const kept = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const { encryption_key: key, ...encryption } = (body.token_encryption ?? {}) as { encryption_key?: { pem: string } };
  if (key === undefined) return kept;
  const { pem, ...rest } = key;
  const thumbprint = createHash("sha256").update(pem).digest("base64url");
  return { ...kept, token_encryption: { ...encryption, encryption_key: { ...rest, thumbprint_sha256: thumbprint } } };
}
