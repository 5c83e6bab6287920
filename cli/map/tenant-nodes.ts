import { createHash } from "node:crypto";
import { objectHash } from "../../src/ownership/owner.ts";
import type { Snapshot } from "../status/snapshot.ts";
import type { AccessMap, MapApi, MapClient } from "./model.ts";
import { apiIdOf, clientIdOf, everyoneIdOf } from "./resource-nodes.ts";
import type { TenantApi, TenantClient, TenantReading } from "./tenant-reading.ts";

/** The nodes of one tenant, by the tenant's own IDs. */
export interface TenantNodes {
  readonly clients: ReadonlyMap<string, MapClient>;
  readonly apis: ReadonlyMap<string, MapApi>;
  readonly everyone: MapClient;
}

type Resources = Pick<Snapshot, "apis" | "clients">;

/** What the tenant holds, joined with the resources by the IDs in their status. */
export function tenantNodes(map: AccessMap, resources: Resources, reading: TenantReading): TenantNodes {
  const { tenant } = reading;
  const clientFor = clientFinder(map, resources, tenant);
  const apiFor = apiFinder(map, resources, tenant);
  return {
    clients: new Map(reading.clients.map((client) => [client.ref, clientFor(client)] as const)),
    apis: new Map(reading.apis.map((api) => [api.ref, apiFor(api)] as const)),
    everyone: { id: everyoneIdOf(tenant), tenant, name: "all clients", isEveryone: true },
  };
}

/** By the ID in the status. A resource without one, or that could not be read, is found by the ownership mark. */
function clientFinder({ clients }: AccessMap, resources: Resources, tenant: string) {
  const left = new Map(clients.filter((client) => client.tenant === tenant).map((client) => [client.id, client]));
  const byRef = new Map<string, MapClient | undefined>();
  for (const { metadata, status } of resources.clients) {
    const id = clientIdOf(metadata.namespace ?? "", metadata.name);
    if (status?.externalId === undefined) continue;
    byRef.set(status.externalId, left.get(id));
    left.delete(id);
  }
  const byMark = new Map(
    [...left.values()].map((client) => [objectHash("M2MClient", client.namespace ?? "", client.name, sha256), client]),
  );
  return ({ clientId, displayName, method, restriction, ref, ownerHash = "" }: TenantClient): MapClient => {
    const resource = byRef.get(ref) ?? byMark.get(ownerHash);
    // A mark may be copied: the next client that carries it is another one.
    byMark.delete(ownerHash);
    // Whether it gets tokens the tenant decides.
    const { restriction: _asSpecified, ...known }: MapClient = resource ?? {
      id: `${tenant} ${clientId}`,
      tenant,
      name: displayName,
    };
    return {
      ...known,
      clientId,
      ...(method === undefined ? {} : { method }),
      ...(restriction === undefined ? {} : { restriction }),
    };
  };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function apiFinder({ apis }: AccessMap, resources: Resources, tenant: string) {
  const known = new Map(apis.filter((api) => api.tenant === tenant).map((api) => [api.id, api]));
  const byRef = new Map<string, MapApi | undefined>();
  for (const { metadata, status } of resources.apis)
    if (status?.externalId !== undefined)
      byRef.set(status.externalId, known.get(apiIdOf(metadata.namespace ?? "", metadata.name)));
  return ({ ref, audience, displayName = "", restriction }: TenantApi): MapApi => ({
    ...(byRef.get(ref) ?? { id: `${tenant} ${ref}`, tenant, name: displayName === "" ? audience : displayName }),
    audience,
    ...(restriction === undefined ? {} : { restriction }),
  });
}
