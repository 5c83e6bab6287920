import { randomBytes } from "node:crypto";
import { controlPlane } from "./control-plane.ts";
import { type Connection, connect } from "../../src/kube/connection.ts";
import { isNotFound } from "../../src/kube/kube-error.ts";
import { collectionPath } from "../../src/kube/resources.ts";
import { CUSTOM_RESOURCES, GROUP, VERSION } from "../../src/kinds/registry.ts";

/** Any object; tests look into it freely. */
export interface AnyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>> & {
    readonly conditions?: readonly { type: string; status: string; reason: string; message: string }[];
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly type?: string;
}

export interface Cluster {
  readonly connection: Connection;
  apply(object: object): Promise<AnyObject>;
  get(kind: string, namespace: string, name: string): Promise<AnyObject | undefined>;
  list(kind: string, namespace: string): Promise<readonly AnyObject[]>;
  remove(kind: string, namespace: string, name: string): Promise<void>;
  patch(kind: string, namespace: string, name: string, patch: object): Promise<AnyObject>;
  patchStatus(kind: string, namespace: string, name: string, status: object): Promise<AnyObject>;
  createNamespace(labels?: Readonly<Record<string, string>>): Promise<string>;
  secret(namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined>;
  close(): Promise<void>;
}

const CORE: Readonly<Record<string, string>> = {
  Secret: "secrets",
  ConfigMap: "configmaps",
  Namespace: "namespaces",
  Pod: "pods",
  ServiceAccount: "serviceaccounts",
};

/** Group and plural of what is neither core nor ours. */
const OTHERS: Readonly<Record<string, readonly [string, string]>> = {
  Event: ["events.k8s.io", "events"],
  Lease: ["coordination.k8s.io", "leases"],
  Deployment: ["apps", "deployments"],
  CronJob: ["batch", "cronjobs"],
  Role: ["rbac.authorization.k8s.io", "roles"],
  RoleBinding: ["rbac.authorization.k8s.io", "rolebindings"],
  ClusterRole: ["rbac.authorization.k8s.io", "clusterroles"],
  ClusterRoleBinding: ["rbac.authorization.k8s.io", "clusterrolebindings"],
  ValidatingAdmissionPolicy: ["admissionregistration.k8s.io", "validatingadmissionpolicies"],
  ValidatingAdmissionPolicyBinding: ["admissionregistration.k8s.io", "validatingadmissionpolicybindings"],
  CustomResourceDefinition: ["apiextensions.k8s.io", "customresourcedefinitions"],
};

function pathOf(kind: string, namespace: string): string {
  const plural = CORE[kind];
  if (plural !== undefined) return collectionPath({ group: "", version: "v1", plural }, namespace);
  const other = OTHERS[kind];
  if (other !== undefined) return collectionPath({ group: other[0], version: "v1", plural: other[1] }, namespace);
  const definition = CUSTOM_RESOURCES.find((candidate) => candidate.kind === kind);
  if (definition === undefined) throw new Error(`unknown kind ${kind}`);
  return collectionPath({ group: GROUP, version: VERSION, plural: definition.plural }, namespace);
}

/** The API server as an administrator. */
export function admin(kubeconfig: string = controlPlane().kubeconfig): Cluster {
  const connection = connect({ kubeconfig, timeoutMs: 30_000 });
  const get: Cluster["get"] = async (kind, namespace, name) => {
    try {
      return await connection.request<AnyObject>({ method: "GET", path: `${pathOf(kind, namespace)}/${name}` });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  return {
    connection,
    get,
    apply: async (object) => {
      const { kind, metadata } = object as AnyObject;
      return connection.request<AnyObject>({
        method: "PATCH",
        path: `${pathOf(kind, metadata.namespace ?? "")}/${metadata.name}`,
        query: { fieldManager: "test", force: "true", fieldValidation: "Strict" },
        contentType: "application/apply-patch+yaml",
        body: object,
      });
    },
    list: async (kind, namespace) =>
      (await connection.request<{ items: AnyObject[] }>({ method: "GET", path: pathOf(kind, namespace) })).items,
    remove: async (kind, namespace, name) => {
      try {
        await connection.request({ method: "DELETE", path: `${pathOf(kind, namespace)}/${name}` });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
    patch: (kind, namespace, name, patch) =>
      connection.request<AnyObject>({
        method: "PATCH",
        path: `${pathOf(kind, namespace)}/${name}`,
        contentType: "application/merge-patch+json",
        body: patch,
      }),
    patchStatus: (kind, namespace, name, status) =>
      connection.request<AnyObject>({
        method: "PATCH",
        path: `${pathOf(kind, namespace)}/${name}/status`,
        contentType: "application/merge-patch+json",
        body: { status },
      }),
    createNamespace: async (labels = {}) => {
      const name = `test-${randomBytes(4).toString("hex")}`;
      await connection.request({
        method: "POST",
        path: "/api/v1/namespaces",
        body: { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } },
      });
      return name;
    },
    secret: async (namespace, name) => {
      const secret = await get("Secret", namespace, name);
      if (secret === undefined) return undefined;
      return Object.fromEntries(
        Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
      );
    },
    close: () => connection.close(),
  };
}

/** A failure tells what was there: no credential of it, and not who wrote which field. */
function shown(seen: unknown): string {
  const text = JSON.stringify(seen, (key, value: unknown) => (key === "managedFields" ? undefined : value)) ?? "";
  return text
    .slice(0, 6000)
    .replace(/-----BEGIN [^"]*/g, "(a key)")
    .replace(/[\w+/=-]{48,}/g, "(a long text)")
    .slice(0, 3000);
}

/**
 * Pauses between two readings, in milliseconds: what takes long to come true is read less often, since each reading is a
 * request. A slow reading is followed by a pause of twice its time.
 */
const PAUSE = { least: 40, most: 250, share: 0.15, reading: 2 };

/** Tries until the condition holds; says what was seen last when it never does. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  what: string,
  withinMs = 20_000,
): Promise<T> {
  const begunAt = Date.now();
  for (;;) {
    const readAt = Date.now();
    const seen = await look();
    if (holds(seen)) return seen;
    const now = Date.now();
    const waitedMs = now - begunAt;
    if (waitedMs > withinMs) throw new Error(`${what} did not come true; last seen: ${shown(seen)}`);
    const growing = Math.min(Math.max(waitedMs * PAUSE.share, PAUSE.least), PAUSE.most);
    const pauseMs = Math.max(growing, (now - readAt) * PAUSE.reading);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

export function conditionOf(object: AnyObject | undefined, type: string) {
  return object?.status?.conditions?.find((condition) => condition.type === type);
}
