import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import { GROUP, VERSION } from "../../src/kinds/registry.ts";
import { namedProvider } from "../../src/kinds/relations/provider-ref.ts";
import type { ListedApi, ListedClient, Ref } from "../../src/ports/provider.ts";
import { allowRules, mergedRules } from "./allow.ts";
import { allowedGrantsOf } from "./allowed-grants.ts";
import { apiSpec } from "./apis.ts";
import { clientSpec, clientTitle } from "./clients.ts";
import { grantsOf, type WrittenGrant } from "./grants.ts";
import { inOrder, type Manifest, type Remark } from "./manifest.ts";
import { type ExportInput, isExported, type Placed, placementOf, type Placement } from "./plan.ts";

/** A tenant as manifests. */
export interface Export {
  /** In the order in which they need each other, then by namespace and name. */
  readonly manifests: readonly Manifest[];
  readonly remarks: readonly Remark[];
}

/** The manifests that adopt everything that machines use at the tenant. The same tenant gives the same manifests. */
export function exportOf(input: ExportInput, isOwnNamespace: (name: string) => boolean): Export {
  const { inventory, provider, capabilities } = input;
  const providerRef = refTo(provider);
  const everything = placementOf(input);
  const written = { apis: [...everything.apis.values()], clients: [...everything.clients.values()] };
  const specOfClient = (one: Placed<ListedClient>, primaryGrant?: string) => ({
    one,
    ...clientSpec(one, capabilities, { providerRef, primaryGrant }),
  });
  const audiences = Map.groupBy(inventory.apis, ({ audience }) => audience);
  const specOfApi = (one: Placed<ListedApi>, grants: readonly WrittenGrant[]) => ({
    one,
    ...apiSpec(one, input, {
      providerRef,
      allowedGrants: allowedGrantsOf(one, grants),
      isShared: (audiences.get(one.listed.audience)?.length ?? 0) > 1,
    }),
  });
  const possible = {
    apis: byRef(written.apis.filter((one) => specOfApi(one, []).spec !== undefined)),
    clients: byRef(written.clients.filter((one) => specOfClient(one).spec !== undefined)),
  } satisfies Placement;
  const { grants, remarks } = grantsOf(input, possible);
  const apis = written.apis.map((one) => specOfApi(one, grants));
  const primary = primaryGrants(grants);
  const clients = written.clients.map((one) => specOfClient(one, primary.get(one.listed.ref)));
  const exported = { apis: [...possible.apis.values()], clients: [...possible.clients.values()], grants };
  const namespaces = [...exported.apis, ...exported.clients].map(({ namespace }) => namespace);
  const rules = allowRules(exported, provider, capabilities);
  return {
    manifests: [
      ...[...new Set(namespaces)]
        .filter((name) => !isOwnNamespace(name))
        .sort(inOrder)
        .map(namespaceOf),
      providerManifest(provider, rules),
      ...ordered(apis.flatMap(({ one, spec }) => (spec === undefined ? [] : [resource("OAuthApi", one, spec)]))),
      ...ordered(clients.flatMap(({ one, spec }) => (spec === undefined ? [] : [resource("M2MClient", one, spec)]))),
      ...ordered(grants.map((one) => resource("ScopeGrant", { ...one, namespace: one.client.namespace }, one.spec))),
    ],
    remarks: unique([
      ...[...apis, ...clients].flatMap((one) => one.remarks),
      ...remarks,
      ...refusedClients(input),
      ...primaryNotes(primary.size),
      ...inventory.unreadable.map((what): Remark => ({ kind: "beyond", text: what })),
    ]),
  };
}

const byRef = <T extends { readonly ref: string }>(all: readonly Placed<T>[]): ReadonlyMap<T["ref"], Placed<T>> =>
  new Map(all.map((one) => [one.listed.ref, one]));

/** Of clients with several grants, the first one by name. */
function primaryGrants(grants: readonly WrittenGrant[]): ReadonlyMap<Ref, string> {
  const byClient = [...Map.groupBy(grants, ({ client }) => client.listed.ref)].filter(([, own]) => own.length > 1);
  return new Map(byClient.map(([ref, own]) => [ref, own.map(({ name }) => name).sort(inOrder)[0] ?? ""]));
}

const primaryNotes = (count: number): readonly Remark[] =>
  count === 0
    ? []
    : [
        {
          kind: "note",
          text: `${String(count)} clients have several grants: spec.secret.primaryGrant names the first, whose API fills the keys audience and scopes of the Secret`,
        },
      ];

/** With the grants of these clients, which are not named one by one. */
function refusedClients({ inventory }: ExportInput): readonly Remark[] {
  return inventory.clients.filter(isExported).flatMap((client): readonly Remark[] => {
    if (client.refusal === undefined) return [];
    const grants = inventory.grants.filter((grant) => grant.client === client.ref).length;
    const text = `${clientTitle(client)}: left out with its ${String(grants)} grants, since ${client.refusal}`;
    return [{ kind: client.refusal === OWN ? "note" : "beyond", text }];
  });
}

/** The reason that adapters give for the operator's own client, which is no loss. */
const OWN = "the operator itself uses it";

function unique(remarks: readonly Remark[]): readonly Remark[] {
  const texts = new Map(remarks.map((remark) => [`${remark.kind} ${remark.text}`, remark]));
  return [...texts.values()].sort((a, b) => inOrder(a.text, b.text));
}

/** `undefined` where it is what every resource has by default. */
function refTo({ kind, metadata: { name } }: ProviderResource): object | undefined {
  const byDefault = namedProvider(undefined);
  return kind === byDefault.kind && name === byDefault.name ? undefined : { kind, name };
}

const namespaceOf = (name: string): Manifest => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

const resource = (
  kind: string,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  spec: Readonly<Record<string, unknown>>,
): Manifest => ({ apiVersion: `${GROUP}/${VERSION}`, kind, metadata: { name, namespace }, spec });

function ordered(manifests: readonly Manifest[]): readonly Manifest[] {
  const keyOf = ({ metadata: { namespace = "", name } }: Manifest): string => `${namespace}/${name}`;
  return [...manifests].sort((a, b) => inOrder(keyOf(a), keyOf(b)));
}

/** As it is in the cluster, with the rules for what is exported. */
function providerManifest({ kind, metadata, spec }: ProviderResource, rules: readonly object[]): Manifest {
  const { name, namespace, labels } = metadata;
  const { allow = [], ...rest } = spec as unknown as Readonly<Record<string, unknown>> & {
    readonly allow?: readonly Readonly<Record<string, unknown>>[];
  };
  const merged = mergedRules(allow, rules as readonly Readonly<Record<string, unknown>>[]);
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { labels }) },
    spec: { ...rest, ...(merged.length === 0 ? {} : { allow: merged }) },
  };
}
