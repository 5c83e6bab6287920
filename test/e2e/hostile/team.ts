import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type AnyObject, type Cluster, eventually } from "../../integration/cluster.ts";
import { createUser, type User } from "../../integration/admission/users.ts";

const RBAC = "rbac.authorization.k8s.io";
const USER_ROLES = join(import.meta.dirname, "../../../deploy/base/user-roles.yaml");

/** Somebody with a RoleBinding to `edit` in this namespace, and so with the roles that we ship for it. */
export async function teamWithEdit(cluster: Cluster, namespace: string): Promise<User> {
  for (const document of parseAllDocuments(readFileSync(USER_ROLES, "utf8")))
    await cluster.apply(document.toJS() as object);
  const user = await createUser(cluster, namespace, "team", []);
  await cluster.apply({
    ...{ apiVersion: `${RBAC}/v1`, kind: "RoleBinding", metadata: { name: "team-edit", namespace } },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "edit" },
    subjects: [{ kind: "ServiceAccount", name: "team", namespace }],
  });
  await eventually(() => may(user, namespace), Boolean, `edit for ${user.name}`);
  return user;
}

/** The API server puts `edit` together and learns of the binding a moment after they were written. */
async function may(user: User, namespace: string): Promise<boolean> {
  const answers = await Promise.all(
    [
      { group: "", resource: "secrets" },
      { group: "m2m-operator.io", resource: "m2mclients" },
    ].map((asked) =>
      user.connection.request<{ readonly status: { readonly allowed: boolean } }>({
        method: "POST",
        path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        body: {
          ...{ apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" },
          spec: { resourceAttributes: { namespace, verb: "create", ...asked } },
        },
      }),
    ),
  );
  return answers.every(({ status }) => status.allowed);
}

/** Kinds of which `edit` lets a team read every object of its namespace. */
const READABLE = ["Secret", "ConfigMap", "OAuthApi", "M2MClient", "ScopeGrant", "IdentityProvider"];

/** Everything in the namespace that the team can read, as one text, with the contents of Secrets decoded. */
export async function readableBy(user: Cluster, namespace: string): Promise<string> {
  const objects = (await Promise.all(READABLE.map((kind) => user.list(kind, namespace)))).flat();
  const events = await user.connection.request<{ readonly items: readonly AnyObject[] }>({
    method: "GET",
    path: `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
  });
  const decoded = objects
    .filter((object) => object.apiVersion === undefined || object.data !== undefined)
    .flatMap(({ data = {} }) => Object.values(data))
    .map((value) => Buffer.from(value, "base64").toString());
  return [JSON.stringify(objects), JSON.stringify(events.items), ...decoded].join("\n");
}
