import type { Client, Grant, ResourceServer } from "../../sandbox/auth0/state.ts";
import type { Tenant } from "../../sandbox/auth0/tenant.ts";
import type { Exchange } from "./recordings.ts";

type Body = Readonly<Record<string, unknown>>;

/** Puts into the tenant what the request speaks of, so that it makes sense there. */
export function seed(tenant: Tenant, exchange: Exchange): void {
  const { method, status } = exchange;
  const response = exchange.response ?? {};
  const request = exchange.request ?? {};
  const [, , , type = "", rawId] = exchange.path.replace(/\?.*/, "").split("/");
  const id = decodeURIComponent(rawId ?? "");
  const put = { clients: putClient, "resource-servers": putApi, "client-grants": putGrant }[type];
  if (put === undefined) return;
  if (method === "POST" && id === "") seedReferences(tenant, request);
  else if (id === "") for (const item of itemsOf(response)) put(tenant, item);
  else if (status < 400) put(tenant, { ...valuesToRemove(request), ...response }, id);
  else if (status === 400) put(tenant, {}, id);
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
  const hasKeys = item["client_authentication_methods"] !== undefined;
  const { signing_keys: _keys, tenant: _tenant, ...kept } = item;
  const client: Client = { ...kept, client_id: clientId, client_secret: "not-a-real-secret" };
  if (hasKeys) Reflect.deleteProperty(client, "client_secret");
  tenant.state.clients.set(clientId, client);
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
