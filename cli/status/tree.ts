import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { OAuthApi } from "../../src/kinds/oauth-api/schema.ts";
import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import { CLUSTER_KIND, namedProvider, type ProviderRef } from "../../src/kinds/relations/provider-ref.ts";
import type { ScopeGrant } from "../../src/kinds/scope-grant/schema.ts";
import type { Node } from "./node.ts";
import { outputNodes } from "./outputs.ts";
import type { Snapshot } from "./snapshot.ts";
import { stateOf } from "./state.ts";

/** Providers with the APIs and clients that use them, grants below both. What refers to nothing that is shown is a root. */
export function treeOf(snapshot: Snapshot): readonly Node[] {
  const { providers, apis, clients, grants } = snapshot;
  const roots = providers.map((provider) => providerNode(snapshot, provider));
  const isShown = (namespace: string | undefined, ref: ProviderRef | undefined): boolean =>
    providers.some((provider) => uses(namespace, ref, provider));
  const alone = [
    ...apis
      .filter(({ metadata, spec }) => !isShown(metadata.namespace, spec.providerRef))
      .map((api) => apiNode(snapshot, api)),
    ...clients
      .filter(({ metadata, spec }) => !isShown(metadata.namespace, spec.providerRef))
      .map((client) => clientNode(snapshot, client)),
  ];
  const lost = grants.filter(
    (grant) => !apis.some((api) => isGrantOn(grant, api)) && !clients.some((client) => isGrantOf(grant, client)),
  );
  return [...roots, ...alone, ...lost.map((grant) => grantNode(grant, "client"))];
}

/** Whether the reference, from this namespace, names this provider object. */
export function uses(
  namespace: string | undefined,
  ref: ProviderRef | undefined,
  { kind, metadata }: ProviderResource,
): boolean {
  const named = namedProvider(ref);
  if (named.kind !== kind || named.name !== metadata.name) return false;
  return kind === CLUSTER_KIND || metadata.namespace === namespace;
}

const isGrantOn = ({ metadata, spec }: ScopeGrant, api: OAuthApi): boolean =>
  spec.apiRef?.name === api.metadata.name && (spec.apiRef.namespace ?? metadata.namespace) === api.metadata.namespace;

const isGrantOf = ({ metadata, spec }: ScopeGrant, client: M2MClient): boolean =>
  spec.clientRef?.name === client.metadata.name && metadata.namespace === client.metadata.namespace;

type Whole = Pick<Node, "kind" | "name" | "state" | "findings"> & { readonly namespace?: string };

function headOf(resource: Parameters<typeof stateOf>[0]): Whole {
  const { namespace, name } = resource.metadata;
  const { word, findings } = stateOf(resource);
  return { kind: resource.kind, ...(namespace === undefined ? {} : { namespace }), name, state: word, findings };
}

function providerNode(snapshot: Snapshot, provider: ProviderResource): Node {
  const { vendor, tenant, managementPolicy } = provider.status ?? {};
  const policy = managementPolicy === "ObserveOnly" ? "ObserveOnly" : undefined;
  return {
    ...headOf(provider),
    detail: [vendor, tenant, policy].filter((part) => part !== undefined).join(" "),
    children: [
      ...snapshot.apis
        .filter(({ metadata, spec }) => uses(metadata.namespace, spec.providerRef, provider))
        .map((api) => apiNode(snapshot, api)),
      ...snapshot.clients
        .filter(({ metadata, spec }) => uses(metadata.namespace, spec.providerRef, provider))
        .map((client) => clientNode(snapshot, client)),
    ],
  };
}

function apiNode({ grants }: Snapshot, api: OAuthApi): Node {
  const shown = grants.filter((grant) => isGrantOn(grant, api));
  const isShown = (namespace: string, name: string): boolean =>
    shown.some(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  // Grants of namespaces that were not read, as the API's own status names them.
  const others = (api.status?.grants ?? [])
    .filter(({ namespace, name }) => !isShown(namespace, name))
    .map(({ namespace, name, client, scopes, scopeCount = scopes.length }): Node => ({
      ...{ kind: "ScopeGrant", namespace, name, findings: [], children: [] },
      detail: `client ${client ?? "(all)"}: ${scopes.join(" ")}${scopeCount > scopes.length ? ` and ${String(scopeCount - scopes.length)} more` : ""}`,
    }));
  return {
    ...headOf(api),
    detail: api.spec.audience,
    children: [...shown.map((grant) => grantNode(grant, "client")), ...others],
  };
}

function clientNode(snapshot: Snapshot, client: M2MClient): Node {
  const { clientId, rotation } = client.status ?? {};
  const isRotating = rotation !== undefined && rotation !== "Idle";
  return {
    ...headOf(client),
    detail: [clientId, isRotating ? `rotation: ${rotation}` : undefined].filter((part) => part !== undefined).join(" "),
    children: [
      ...snapshot.grants.filter((grant) => isGrantOf(grant, client)).map((grant) => grantNode(grant, "api")),
      ...outputNodes(snapshot, client),
    ],
  };
}

/** `other`: the side of the grant that the parent does not show. */
function grantNode(grant: ScopeGrant, other: "api" | "client"): Node {
  const { spec, status } = grant;
  const scopes = (status?.grantedScopes ?? spec.scopes ?? ["all scopes"]).join(" ");
  const api = status?.api ?? spec.apiRef?.name ?? spec.externalAudience ?? "";
  const side = other === "api" ? `api ${api}` : `client ${spec.clientRef?.name ?? "(all)"}`;
  return { ...headOf(grant), detail: `${side}: ${scopes}`, children: [] };
}
