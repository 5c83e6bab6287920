/** The metadata of a Kubernetes object, as far as the operator reads it. Times are RFC 3339 texts. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Annotation in which kubectl keeps the manifest that it applied last. It doubles the size of an object. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Any custom resource of the operator. */
export interface Resource<Spec = unknown, Status = unknown> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: Spec;
  readonly status?: Status;
}
