import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { CUSTOM_RESOURCES, GROUP } from "../../../src/kinds/registry.ts";
import { admin, type Cluster, eventually } from "../cluster.ts";
import { createUser } from "./users.ts";

const RBAC = "rbac.authorization.k8s.io";
const USER_ROLES = join(import.meta.dirname, "../../../deploy/base/user-roles.yaml");

let cluster: Cluster;
let namespace: string;
let other: string;
beforeAll(async () => {
  cluster = admin();
  [namespace, other] = [await cluster.createNamespace(), await cluster.createNamespace()];
  for (const document of parseAllDocuments(readFileSync(USER_ROLES, "utf8")))
    await cluster.apply(document.toJS() as object);
  for (const role of ["view", "edit"]) await bind("RoleBinding", `team-${role}`, role, { namespace });
  const name = `${namespace}-provider-viewer`;
  await bind("ClusterRoleBinding", name, "m2m-operator-provider-viewer", {}, groupOf("provider-viewer"));
});
afterAll(async () => {
  await cluster.remove("ClusterRoleBinding", "", `${namespace}-provider-viewer`);
  for (const name of [namespace, other]) await cluster.remove("Namespace", "", name);
  await cluster.close();
});

/** A group of users for each role, in this run alone. */
const groupOf = (role: string): string => `${namespace}-${role}`;

async function bind(kind: string, name: string, role: string, scope: object, group = groupOf(role)): Promise<void> {
  await cluster.apply({
    ...{ apiVersion: `${RBAC}/v1`, kind, metadata: { name, ...scope } },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: role },
    subjects: [{ apiGroup: RBAC, kind: "Group", name: group }],
  });
}

/** Whether the API server would let somebody of the group do this. Without a namespace: in all of them. */
async function may(role: string, verb: string, resource: string, where?: string): Promise<boolean> {
  const { status } = await cluster.connection.request<{ readonly status: { readonly allowed: boolean } }>({
    method: "POST",
    path: `/apis/authorization.k8s.io/v1/subjectaccessreviews`,
    body: {
      ...{ apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview" },
      spec: {
        ...{ user: "somebody", groups: [groupOf(role)] },
        resourceAttributes: { group: GROUP, resource, verb, ...(where === undefined ? {} : { namespace: where }) },
      },
    },
  });
  return status.allowed;
}

/** The API server puts roles together and learns of bindings a moment after they were written. */
const allowed = (role: string, verb: string, resource: string, where?: string): Promise<boolean> =>
  eventually(() => may(role, verb, resource, where), Boolean, `${role} may ${verb} ${resource}`);

it("a team reads and writes every kind of its namespace, and none of another", async () => {
  for (const { plural, scope } of CUSTOM_RESOURCES.filter((definition) => definition.scope === "Namespaced")) {
    expect(scope).toBe("Namespaced");
    for (const role of ["view", "edit"]) await allowed(role, "list", plural, namespace);
    await allowed("edit", "create", plural, namespace);
    expect(await may("view", "create", plural, namespace)).toBe(false);
    expect(await may("edit", "list", plural, other)).toBe(false);
  }
});

it("a role of a namespace does not reach provider objects of the cluster, and the role for them does", async () => {
  await allowed("edit", "list", "oauthapis", namespace);
  for (const role of ["view", "edit"]) expect(await may(role, "get", "clusteridentityproviders")).toBe(false);
  for (const verb of ["get", "list", "watch"]) await allowed("provider-viewer", verb, "clusteridentityproviders");
  for (const verb of ["create", "update", "patch", "delete"])
    expect(await may("provider-viewer", verb, "clusteridentityproviders")).toBe(false);
  expect(await may("provider-viewer", "get", "secrets", namespace)).toBe(false);
});

it("somebody of a namespace lists provider objects once an administrator has bound the role", async () => {
  const user = await createUser(cluster, namespace, "somebody", []);
  const listed = (): Promise<boolean> =>
    user.list("ClusterIdentityProvider", "").then(
      () => true,
      () => false,
    );
  expect(await listed()).toBe(false);
  const name = `${namespace}-somebody-viewer`;
  await bind("ClusterRoleBinding", name, "m2m-operator-provider-viewer", {}, `system:serviceaccounts:${namespace}`);
  await eventually(listed, Boolean, "the provider objects listed");
  await cluster.remove("ClusterRoleBinding", "", name);
  await user.close();
});
