import type { Client, Grant, ResourceServer } from "../../sandbox/auth0/state.ts";
import type { Tenant } from "../../sandbox/auth0/tenant.ts";
import type { Exchange } from "./recordings.ts";

type Body = Readonly<Record<string, unknown>>;

type Seeder = (tenant: Tenant, exchange: Exchange, id: string) => void;

const SEEDERS: Readonly<Record<string, Seeder>> = {
  tenants: (tenant, { request = {}, response = {} }) => {
    replaceSettings(tenant, { ...valuesToRemove(request), ...response });
  },
  keys: (tenant, exchange) => {
    const kid = /keys\/signing\/(\d+)/.exec(exchange.path)?.[1];
    const [first] = tenant.keys;
    // A key of that name beside those that sign.
    if (kid !== undefined && first !== undefined) tenant.keys.push({ ...first, kid, role: "previous" });
  },
  organizations: seedOrganization,
  clients: (tenant, exchange, id) => {
    if (!seedCredentialExchange(tenant, exchange)) seedItems(tenant, exchange, id, putClient);
  },
  "client-grants": (tenant, exchange, id) => {
    if (!seedGrantOrganizations(tenant, exchange)) seedItems(tenant, exchange, id, putGrant);
  },
  "resource-servers": (tenant, exchange, id) => {
    seedItems(tenant, exchange, id, putApi);
  },
};

/** Puts into the tenant what the request speaks of, so that it makes sense there. */
export function seed(tenant: Tenant, exchange: Exchange): void {
  const [, , , type = "", rawId] = exchange.path.replace(/\?.*/, "").split("/");
  SEEDERS[type]?.(tenant, exchange, decodeURIComponent(rawId ?? ""));
}

function seedItems(
  tenant: Tenant,
  { method, status, request = {}, response = {} }: Exchange,
  id: string,
  put: (tenant: Tenant, item: Body, id?: string) => void,
): void {
  if (method === "POST" && id === "") seedReferences(tenant, request);
  else if (id === "") for (const item of itemsOf(response)) put(tenant, item);
  else if (status < 400) put(tenant, { ...valuesToRemove(request), ...response }, id);
  else if (status === 400) put(tenant, {}, id);
}

function replaceSettings({ state }: Tenant, settings: Body): void {
  for (const name of Object.keys(state.settings)) Reflect.deleteProperty(state.settings, name);
  Object.assign(state.settings, settings);
}

function putOrganization({ state }: Tenant, item: Body, id?: string): void {
  const key = typeof item["id"] === "string" ? item["id"] : (id ?? "org_seeded");
  const name = typeof item["name"] === "string" ? item["name"] : key;
  state.organizations.set(key, { display_name: name, ...item, id: key, name });
}

/** The organization that is spoken of, and the grants that are linked to it. */
function seedOrganization(tenant: Tenant, exchange: Exchange, id: string): void {
  const { method, path, status, request = {}, response = {} } = exchange;
  const isBelow = path.includes("/client-grants");
  if (status === 404 || (method === "POST" && !isBelow)) return;
  if (isBelow) seedOrganizationGrants(tenant, exchange, id);
  else if (id === "") seedOrganizationPage(tenant, exchange);
  else putOrganization(tenant, { ...valuesToRemove(request), ...response }, id === "name" ? undefined : id);
}

function seedOrganizationGrants(tenant: Tenant, { request = {}, response = {} }: Exchange, id: string): void {
  putOrganization(tenant, {}, id);
  for (const grant of itemsOf(response)) link(tenant, grant, id);
  const { grant_id: grantId } = request;
  if (typeof grantId === "string") putGrant(tenant, { ...response, id: grantId, subject_type: "client" });
}

/** A page that has a next one must not be the last. */
function seedOrganizationPage(tenant: Tenant, { response = {} }: Exchange): void {
  for (const item of itemsOf(response)) putOrganization(tenant, item);
  if (response["next"] !== undefined) putOrganization(tenant, { id: "org_next" });
}

function link(tenant: Tenant, grant: Body, organization: string): void {
  putGrant(tenant, grant);
  tenant.state.grantOrganizations.set(String(grant["id"]), new Set([organization]));
}

function seedGrantOrganizations(tenant: Tenant, { path, response = {} }: Exchange): boolean {
  const grantId = /client-grants\/([^/]+)\/organizations/.exec(path)?.[1];
  if (grantId === undefined) return false;
  putGrant(tenant, {}, grantId);
  for (const item of itemsOf(response)) putOrganization(tenant, item);
  tenant.state.grantOrganizations.set(grantId, new Set(tenant.state.organizations.keys()));
  return true;
}

function seedCredentialExchange(tenant: Tenant, { path, method, response = {} }: Exchange): boolean {
  const [, clientId, last] = /clients\/([^/]+)\/credentials(?:\/([^/?]+))?/.exec(path) ?? [];
  if (clientId === undefined) return false;
  putClient(tenant, { client_id: clientId });
  const listed = method === "GET" ? itemsOf(response) : [];
  const items = last === undefined ? listed : [{ id: last, ...response }];
  tenant.state.credentials.set(
    clientId,
    items.map((item) => ({ ...item }) as never),
  );
  return true;
}

/** A key that the request removes must be there first. */
function valuesToRemove(request: Body): Body {
  return Object.fromEntries(
    Object.entries(request)
      .filter(([, value]) => value === null)
      .map(([key]) => [key, {}]),
  );
}

function itemsOf(response: Body): readonly Body[] {
  const list = Array.isArray(response) ? response : Object.values(response).find(Array.isArray);
  return (list ?? []) as readonly Body[];
}

function seedReferences(tenant: Tenant, { client_id: client, audience }: Body): void {
  if (typeof client === "string") putClient(tenant, { client_id: client });
  if (typeof audience === "string") putApi(tenant, { identifier: audience });
}

function putClient(tenant: Tenant, item: Body, id?: string): void {
  const clientId = id ?? String(item["client_id"]);
  seedCredentials(tenant, item, clientId);
  const { signing_keys: _keys, tenant: _tenant, ...kept } = item;
  const client: Client = { ...kept, client_id: clientId, client_secret: "not-a-real-secret" };
  tenant.state.clients.set(clientId, client);
}

/** Those that the client's authentication refers to must be stored. */
function seedCredentials({ state }: Tenant, item: Body, clientId: string): void {
  const slots = Object.values(
    (item["client_authentication_methods"] ?? {}) as Record<string, { credentials?: Body[] }>,
  );
  const known = slots.flatMap(({ credentials = [] }) => credentials);
  state.credentials.set(
    clientId,
    known.map((credential) => ({ ...credential }) as never),
  );
}

function putApi(tenant: Tenant, item: Body, id?: string): void {
  const key =
    typeof item["id"] === "string" ? item["id"] : (id ?? `seeded-${String(tenant.state.resourceServers.size)}`);
  const identifier = typeof item["identifier"] === "string" ? item["identifier"] : (id ?? key);
  if (item["is_system"] === true && [...tenant.state.resourceServers.values()].some((api) => api["is_system"] === true))
    return;
  const api: ResourceServer = { ...item, id: key, identifier };
  tenant.state.resourceServers.set(key, api);
}

function putGrant(tenant: Tenant, item: Body, id?: string): void {
  const key = typeof item["id"] === "string" ? item["id"] : (id ?? "cgr_seeded");
  const text = (name: string): string => (typeof item[name] === "string" ? item[name] : "seeded");
  const grant: Grant = {
    subject_type: "client",
    ...item,
    id: key,
    client_id: text("client_id"),
    audience: text("audience"),
  };
  tenant.state.grants.set(key, grant);
}
