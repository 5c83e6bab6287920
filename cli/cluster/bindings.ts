import type { BindingFacts, BoundSubject, Rule } from "../doctor/bindings.ts";
import type { KubeObject } from "../../src/kube/store.ts";
import { type Listed, listed } from "./listed.ts";
import type { OpenCluster } from "./open.ts";

interface Role extends KubeObject {
  readonly rules?: readonly Rule[] | null;
}

interface Binding extends KubeObject {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly BoundSubject[];
}

/** Every binding that applies in the namespace, or in any namespace (`undefined`), with the rules of its role. */
export async function listBindings(cluster: OpenCluster, namespace: string | undefined): Promise<Listed<BindingFacts>> {
  const of = <T extends KubeObject>(plural: string, where: string | undefined): Promise<Listed<T>> =>
    listed<T>(cluster, { group: "rbac.authorization.k8s.io", version: "v1", plural }, where);
  const [roles, bindings, clusterRoles, clusterBindings] = await Promise.all([
    ...[of<Role>("roles", namespace), of<Binding>("rolebindings", namespace)],
    ...[of<Role>("clusterroles", undefined), of<Binding>("clusterrolebindings", undefined)],
  ] as [Promise<Listed<Role>>, Promise<Listed<Binding>>, Promise<Listed<Role>>, Promise<Listed<Binding>>]);
  for (const list of [bindings, roles, clusterRoles, clusterBindings]) if ("why" in list) return list;
  const itemsOf = <T>(list: Listed<T>): readonly T[] => ("items" in list ? list.items : []);
  const rules = new Map(
    [...itemsOf(roles), ...itemsOf(clusterRoles)].map((role) => [keyOf(role.metadata), role.rules ?? []]),
  );
  const factsOf = (kind: string, { metadata, roleRef, subjects = [] }: Binding): BindingFacts => {
    const inside = roleRef.kind === "Role" ? metadata.namespace : undefined;
    const found = rules.get(keyOf({ name: roleRef.name, ...(inside === undefined ? {} : { namespace: inside }) }));
    return { kind, metadata, subjects, rules: found ?? [] };
  };
  return {
    items: [
      ...itemsOf(bindings).map((one) => factsOf("RoleBinding", one)),
      ...itemsOf(clusterBindings).map((one) => factsOf("ClusterRoleBinding", one)),
    ],
  };
}

const keyOf = ({ name, namespace = "" }: { readonly name: string; readonly namespace?: string }): string =>
  `${namespace}/${name}`;
