import type { Capabilities, Inventory, ListedApi, ListedClient, Ref } from "../../src/ports/provider.ts";
import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import type { ApiSection } from "../../src/providers/declaration.ts";
import { namesOf } from "./names.ts";
import type { NamespaceChoice } from "./namespaces.ts";

/** What an export is made from. */
export interface ExportInput {
  readonly inventory: Inventory;
  readonly provider: ProviderResource;
  readonly vendor: string;
  readonly capabilities: Capabilities;
  readonly section: Pick<ApiSection, "sectionOf"> | undefined;
  readonly namespaceOf: NamespaceChoice;
}

/** Where a resource for an object of the tenant goes. */
export interface Placed<T> {
  readonly listed: T;
  readonly name: string;
  readonly namespace: string;
}

/** APIs and clients that become resources, with their names. */
export interface Placement {
  readonly apis: ReadonlyMap<Ref, Placed<ListedApi>>;
  readonly clients: ReadonlyMap<Ref, Placed<ListedClient>>;
}

/** Everything that a resource can adopt: not the provider's own, and not what the operator created itself. */
export function placementOf({ inventory, capabilities, namespaceOf }: ExportInput): Placement {
  // Every tenant has the provider's own. One that no client has a grant for says nothing.
  const granted = new Set(inventory.grants.map(({ api }) => api));
  const isUsed = (api: ListedApi): boolean => capabilities.sharesAudiences && granted.has(api.ref);
  const apis = inventory.apis.filter((api) => isExported(api) && (!api.isSystem || isUsed(api)));
  const clients = inventory.clients.filter((client) => isExported(client) && client.refusal === undefined);
  return {
    apis: placed(
      apis,
      (api) => [api.displayName ?? "", api.audience.replace(/^[a-z]+:\/\//, "")],
      (api) => namespaceOf({ id: api.audience, displayName: api.displayName ?? "", metadata: {} }),
    ),
    clients: placed(
      clients,
      (client) => [client.displayName, client.clientId],
      (client) => namespaceOf({ id: client.clientId, displayName: client.displayName, metadata: client.metadata }),
    ),
  };
}

/** What the operator created has a resource already. */
export const isExported = ({ mark }: Pick<ListedApi, "mark">): boolean => mark?.origin !== "made";

function placed<T extends { readonly ref: Ref }>(
  all: readonly T[],
  textsOf: (one: T) => readonly string[],
  namespaceOf: (one: T) => string,
): ReadonlyMap<Ref, Placed<T>> {
  const where = all.map((listed) => ({ listed, namespace: namespaceOf(listed) }));
  const names = namesOf(where.map(({ listed, namespace }) => ({ id: listed.ref, texts: textsOf(listed), namespace })));
  return new Map(where.map((one) => [one.listed.ref, { ...one, name: names.get(one.listed.ref) ?? "" }] as const));
}
