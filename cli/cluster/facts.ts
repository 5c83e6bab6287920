import type { FactName, Facts, Gap } from "../doctor/facts.ts";
import { credentialSecrets } from "../doctor/credential-secrets.ts";
import { uses } from "../status/tree.ts";
import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import { GROUP, type KindName, VERSION } from "../../src/kinds/registry.ts";
import type { KubeObject } from "../../src/kube/store.ts";
import { OPERATOR_VERSION } from "../../src/version.ts";
import { listBindings } from "./bindings.ts";
import { listAlerts, listDefinitions, listOperators } from "./installation.ts";
import { definitionOf } from "./kinds.ts";
import { type Listed, listed } from "./listed.ts";
import type { AnyResource } from "./objects.ts";
import type { OpenCluster } from "./open.ts";
import { listReaders } from "./readers.ts";
import { nothingReadable } from "./snapshot.ts";
import { listWorkloads } from "./workload-templates.ts";

/** Where to read. `isChosen`: the user named the namespace. */
export interface Reach {
  readonly now: Date;
  readonly isChosen: boolean;
}

type Resources = Pick<Facts, "providers" | "apis" | "clients" | "grants">;

/** Reads everything that the user may read: of the namespace, or of all. The rest becomes gaps. */
export async function gatherFacts(cluster: OpenCluster, { isChosen, now }: Reach): Promise<Facts> {
  const gaps: Gap[] = [];
  const kept = <T>(fact: FactName, list: Listed<T>): readonly T[] => {
    if ("items" in list) return list.items;
    gaps.push({ fact, why: list.why });
    return [];
  };
  const scope = await scopeOf(cluster, isChosen, gaps);
  const resources = await resourcesOf(cluster, scope, kept);
  if (["providers", "apis", "clients", "grants"].every((fact) => gaps.some((gap) => gap.fact === fact)))
    throw nothingReadable(scope);
  const [workloads, namespaces, bindings, operators, definitions, alerts] = await Promise.all([
    listWorkloads(cluster, scope),
    listed<KubeObject>(cluster, { group: "", version: "v1", plural: "namespaces" }, undefined),
    listBindings(cluster, scope),
    listOperators(cluster),
    listDefinitions(cluster),
    listAlerts(cluster),
  ]);
  const known = kept("workloads", workloads);
  const installed = kept("operator", operators);
  const secrets = credentialSecrets({ ...resources, operators: installed });
  return {
    ...{ now, pluginVersion: OPERATOR_VERSION, ...resources, workloads: known },
    readers: kept("readers", await listReaders(cluster, secrets, known)),
    namespaces: kept("namespaces", namespaces).map(({ metadata }) => ({
      name: metadata.name,
      labels: metadata.labels ?? {},
    })),
    bindings: kept("bindings", bindings),
    operators: installed,
    definitions: kept("definitions", definitions),
    hasAlerts: kept("alerts", alerts).length > 0,
    gaps,
  };
}

/** `undefined`: all namespaces. Anyone who may not read them all gets the namespace of the context. */
async function scopeOf(cluster: OpenCluster, isChosen: boolean, gaps: Gap[]): Promise<string | undefined> {
  const { namespace } = cluster;
  if (!isChosen) {
    const all = await listedKind(cluster, "M2MClient", undefined);
    if ("items" in all) return undefined;
    gaps.push({ fact: "everyNamespace", why: all.why });
  } else gaps.push({ fact: "everyNamespace", why: `only namespace ${namespace} was read` });
  return namespace;
}

async function resourcesOf(
  cluster: OpenCluster,
  scope: string | undefined,
  kept: <T>(fact: FactName, list: Listed<T>) => readonly T[],
): Promise<Resources> {
  const of = <R extends AnyResource>(kind: KindName): Promise<Listed<R>> => listedKind<R>(cluster, kind, scope);
  const [clusterProviders, providers, apis, clients, grants] = await Promise.all([
    of<ProviderResource>("ClusterIdentityProvider"),
    of<ProviderResource>("IdentityProvider"),
    of<Facts["apis"][number]>("OAuthApi"),
    of<Facts["clients"][number]>("M2MClient"),
    of<Facts["grants"][number]>("ScopeGrant"),
  ]);
  const read = { apis: kept("apis", apis), clients: kept("clients", clients), grants: kept("grants", grants) };
  const ofCluster = kept("providers", clusterProviders);
  const users = [...read.apis, ...read.clients];
  // Of the providers of the cluster, a namespace shows those that it uses.
  const used = ofCluster.filter(
    (provider) =>
      scope === undefined || users.some(({ metadata, spec }) => uses(metadata.namespace, spec.providerRef, provider)),
  );
  return { ...read, providers: [...used, ...kept("providers", providers)] };
}

/** Resources of a kind. A cluster without the CRDs is a failure. */
async function listedKind<R extends AnyResource>(
  cluster: OpenCluster,
  kind: KindName,
  scope: string | undefined,
): Promise<Listed<R>> {
  const { plural, scope: reach } = definitionOf(kind);
  const inside = reach === "Cluster" ? undefined : scope;
  const list = await listed<R & KubeObject>(cluster, { group: GROUP, version: VERSION, plural }, inside);
  if ("why" in list) return list;
  // Members of a list do not name their kind.
  return { items: list.items.map((item) => ({ ...item, kind })) };
}
