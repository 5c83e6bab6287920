import { PLANS } from "../limits.ts";
import { createClient, MAX_METADATA, parseBody, updateClient } from "./bodies.ts";
import { addCredential, attachedTo, shownCredential } from "./credentials.ts";
import { insufficientScope, invalidBody, managementError, tooManyEntities } from "./errors.ts";
import { deleteGrant } from "./client-grants.ts";
import { checkQuery, paged, PAGING, type Query, selected, textOf } from "./paging.ts";
import { type Client, newId, textProperty } from "./state.ts";
import type { Tenant } from "./tenant.ts";

const notFound = () => managementError(404, "The client does not exist", "inexistent_client");

/** Shown only to who may read keys; asking for them by name without that is refused. */
const SECRET_FIELDS = ["client_secret", "client_authentication_methods", "encryption_key", "signing_key"];

const mayReadSecrets = (scopes: ReadonlySet<string>): boolean =>
  scopes.has("read:client_keys") || scopes.has("read:client_credentials");

/** What a read shows: the certificate without its key, and no secrets to who may not see them. */
function shown(tenant: Tenant, client: Client, scopes: ReadonlySet<string>): object {
  const hasMethods = client["client_authentication_methods"] !== undefined;
  const entries = Object.entries(client).filter(
    // A client that authenticates with keys shows no secret, which it keeps all the same.
    ([name]) => (mayReadSecrets(scopes) || !SECRET_FIELDS.includes(name)) && !(hasMethods && name === "client_secret"),
  );
  const tenantName = tenant.domain.split(".")[0] ?? tenant.domain;
  return {
    tenant: tenantName,
    ...Object.fromEntries(entries),
    signing_keys: [{ cert: FAKE_PEM, pkcs7: FAKE_PEM, subject: "deprecated" }],
  };
}

const FAKE_PEM = "-----BEGIN CERTIFICATE-----\nnot-a-real-certificate\n-----END CERTIFICATE-----";

function checkFields(query: Query, scopes: ReadonlySet<string>): void {
  const asked = (textOf(query, "fields") ?? "").split(",").filter((name) => SECRET_FIELDS.includes(name));
  if (asked.length > 0 && !mayReadSecrets(scopes) && textOf(query, "include_fields") !== "false")
    throw managementError(403, `You cannot read the following fields: ${asked.join(", ")}`);
}

export function listClients(tenant: Tenant, query: Query, scopes: ReadonlySet<string>): unknown {
  checkQuery(query, [...PAGING, "is_global", "is_first_party", "app_type", "external_client_id", "q"]);
  checkFields(query, scopes);
  const isGlobal = textOf(query, "is_global");
  const types = textOf(query, "app_type")?.split(",");
  const matching = [...tenant.state.clients.values()].filter(
    (client) =>
      (isGlobal === undefined || (client["global"] === true) === (isGlobal === "true")) &&
      (types === undefined || types.includes(String(client["app_type"]))),
  );
  const page = paged(matching, query, "clients", true);
  const show = (client: Client): object => selected(shown(tenant, client, scopes), query, ["tenant"]);
  if (Array.isArray(page)) return (page as Client[]).map(show);
  const { clients, ...rest } = page as { clients: Client[] };
  return { ...rest, clients: clients.map(show) };
}

export function getClient(tenant: Tenant, id: string, query: Query, scopes: ReadonlySet<string>): object {
  checkFields(query, scopes);
  const client = tenant.state.clients.get(id);
  if (client === undefined) throw notFound();
  return selected(shown(tenant, client, scopes), query, ["tenant"]);
}

const CLIENT_DEFAULTS = {
  global: false,
  is_token_endpoint_ip_header_trusted: false,
  is_first_party: true,
  oidc_conformant: false,
  sso_disabled: false,
  cross_origin_authentication: false,
  cross_origin_auth: false,
  callback_url_template: false,
  custom_login_page_on: true,
};

const JWT_DEFAULTS = { lifetime_in_seconds: 36_000 };

function refreshTokenDefaults(given: Readonly<Record<string, unknown>>): object {
  const isConfidential = textProperty(given, "token_endpoint_auth_method")?.startsWith("client_secret") === true;
  return {
    rotation_type: "non-rotating",
    expiration_type: "non-expiring",
    leeway: 0,
    token_lifetime: isConfidential ? 31_557_600 : 2_592_000,
    idle_token_lifetime: isConfidential ? 2_592_000 : 1_296_000,
    infinite_token_lifetime: true,
    infinite_idle_token_lifetime: true,
  };
}

const DEFAULT_GRANT_TYPES = ["authorization_code", "implicit", "refresh_token", "client_credentials"];

export function postClient(tenant: Tenant, body: unknown, scopes: ReadonlySet<string>, now: number): object {
  // Ids are Auth0's to choose.
  if ((body as { client_id?: unknown } | undefined)?.client_id !== undefined)
    throw managementError(400, "This operation must be authorized by Auth0");
  const given = parseBody(createClient, body) as Record<string, unknown>;
  checkMethods(given);
  if (slotsOf(given).length > 0 && !scopes.has("create:client_credentials"))
    throw insufficientScope(["create:client_credentials"]);
  const { state, plan } = tenant;
  checkAliases(tenant, given);
  if (state.clients.size - 2 >= PLANS[plan].entities.clients) throw tooManyEntities();
  const client: Client = {
    ...CLIENT_DEFAULTS,
    grant_types: textProperty(given, "app_type") === "resource_server" ? [] : DEFAULT_GRANT_TYPES,
    ...given,
    refresh_token: { ...refreshTokenDefaults(given), ...(given["refresh_token"] as object | undefined) },
    jwt_configuration: {
      secret_encoded: false,
      ...(given["jwt_configuration"] ?? JWT_DEFAULTS),
    },
    client_id: newId.client(),
    client_secret: textProperty(given, "client_secret") ?? newId.secret(),
  };
  const brought = storeBrought(tenant, client, now);
  state.clients.set(client.client_id, client);
  const answer = shown(tenant, client, scopes) as Record<string, unknown>;
  return {
    ...answer,
    ...(tenant.knobs.showsSecretOnCreate && brought === undefined ? { client_secret: client.client_secret } : {}),
    ...(brought === undefined ? {} : brought),
    encrypted: true,
    signing_keys: [{ cert: FAKE_PEM, key: "not-a-real-key", pkcs7: FAKE_PEM, subject: `/CN=${tenant.domain}` }],
  };
}

interface Slot {
  credentials: Record<string, unknown>[];
}

/** Everything in a body that refers to credentials or brings them along. */
function slotsOf(body: Readonly<Record<string, unknown>>): readonly Slot[] {
  const methods = Object.values((body["client_authentication_methods"] ?? {}) as Record<string, Slot | undefined>);
  const signed = body["signed_request_object"] as Slot | undefined;
  return [...methods, signed].filter((slot) => slot?.credentials !== undefined) as Slot[];
}

/** The answer to the creation shows the new credentials whole; everything later only their ids. */
function storeBrought(tenant: Tenant, client: Client, now: number): object | undefined {
  const slots = slotsOf(client);
  if (slots.length === 0) return undefined;
  for (const slot of slots)
    slot.credentials = slot.credentials.map((given) => {
      const pool = tenant.state.credentials.get(client.client_id) ?? [];
      return shownCredential(addCredential(tenant, client.client_id, pool, given, now)) as Record<string, unknown>;
    });
  const { client_authentication_methods: methods, signed_request_object: signed } = client;
  const whole = structuredClone({
    ...(methods === undefined ? {} : { client_authentication_methods: methods }),
    ...(signed === undefined ? {} : { signed_request_object: signed }),
  });
  for (const slot of slots) slot.credentials = slot.credentials.map(({ id }) => ({ id }));
  return whole;
}

/** Names may repeat, aliases may not. */
function checkAliases({ state }: Tenant, { client_aliases: wanted = [] }: Readonly<Record<string, unknown>>): void {
  const taken = new Set([...state.clients.values()].flatMap((client) => (client["client_aliases"] ?? []) as string[]));
  if ((wanted as readonly string[]).some((alias) => taken.has(alias)))
    throw managementError(409, "Another client exists with the same alias.");
}

/** A secret and keys cannot be had together. */
function checkMethods(settings: Readonly<Record<string, unknown>>): void {
  if (settings["client_authentication_methods"] != null && settings["token_endpoint_auth_method"] != null)
    throw invalidBody("'client_authentication_methods and token_endpoint_auth_method are mutually exclusive'");
}

function checkPatch(
  tenant: Tenant,
  client: Client,
  change: Record<string, unknown>,
  scopes: ReadonlySet<string>,
): void {
  if (change["client_secret"] !== undefined && !scopes.has("update:client_keys"))
    throw insufficientScope(["update:client_keys"]);
  if (change["client_authentication_methods"] !== undefined && !scopes.has("update:client_credentials"))
    throw insufficientScope(["update:client_credentials"]);
  checkMethods({ ...client, ...change });
  const stored = new Set((tenant.state.credentials.get(client.client_id) ?? []).map(({ id }) => id));
  const unknown = attachedTo({ ...client, ...change }).find((id) => !stored.has(id));
  if (change["client_authentication_methods"] != null && unknown !== undefined)
    throw managementError(400, `The credential ${unknown} does not exist`);
}

export function patchClient(
  tenant: Tenant,
  id: string,
  body: unknown,
  scopes: ReadonlySet<string>,
  now: number,
): object {
  const change = parseBody(updateClient, body) as Record<string, unknown>;
  const client = tenant.state.clients.get(id);
  if (client === undefined) throw notFound();
  checkPatch(tenant, client, change, scopes);
  checkMetadata(client, change);
  if (typeof change["client_secret"] === "string") replaceSecret(tenant, client, change["client_secret"], now);
  for (const [name, value] of Object.entries(change)) merge(client, name, value);
  return {
    ...shown(tenant, client, scopes),
    signing_keys: [{ cert: FAKE_PEM, pkcs7: FAKE_PEM, subject: `/CN=${tenant.domain}` }],
  };
}

/** Of a change as of a creation, what exists finally is counted. */
function checkMetadata(client: Client, { client_metadata: change }: Readonly<Record<string, unknown>>): void {
  if (change != null && Object.keys(mergedMetadata(client, change)).length > MAX_METADATA)
    throw invalidBody("'Too many properties'");
}

/** Per key; null removes one (recorded). */
function mergedMetadata(client: Client, change: unknown): Readonly<Record<string, unknown>> {
  const merged = { ...(client["client_metadata"] as object | undefined), ...(change as object) };
  return Object.fromEntries(Object.entries(merged).filter(([, entry]) => entry !== null));
}

/** Metadata and nested settings are merged, null removes, everything else is replaced. */
function merge(client: Client, name: string, value: unknown): void {
  if (value === null) Reflect.deleteProperty(client, name);
  else if (name === "client_metadata") client[name] = mergedMetadata(client, value);
  else if (name === "jwt_configuration")
    client[name] = { ...(client[name] as object | undefined), ...(value as object) };
  else client[name] = value;
}

function replaceSecret(tenant: Tenant, client: Client, secret: string, now: number): void {
  const { client_secret: former } = client;
  client.client_secret = secret;
  // Anyone who used keys until now has no former secret that anybody works with.
  if (client["client_authentication_methods"] !== undefined) {
    tenant.state.formerSecrets.delete(client.client_id);
    return;
  }
  const until = now + tenant.knobs.secretPropagationMs;
  const { token_endpoint_auth_method: given } = client as { readonly token_endpoint_auth_method?: string };
  const method = given ?? "client_secret_post";
  tenant.state.formerSecrets.set(client.client_id, { secret: former, method, until });
}

export function rotateSecret(tenant: Tenant, id: string, scopes: ReadonlySet<string>, now: number): object {
  const client = tenant.state.clients.get(id);
  if (client === undefined) throw notFound();
  if (client["client_authentication_methods"] !== undefined)
    throw managementError(400, "The secret of a client that authenticates with keys cannot be rotated.");
  replaceSecret(tenant, client, newId.secret(), now);
  return { ...shown(tenant, client, scopes), client_secret: client.client_secret };
}

/** Grants go with their client. */
export function deleteClient(tenant: Tenant, id: string): void {
  if (!tenant.state.clients.delete(id)) return;
  tenant.state.credentials.delete(id);
  for (const grant of [...tenant.state.grants.values()]) if (grant.client_id === id) deleteGrant(tenant, grant.id);
}
