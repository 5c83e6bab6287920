import { podFactsOf, type Pod } from "../../src/kube/pod-facts.ts";

/** A key of a Secret that a container reads only at its start. `key` is `undefined` for all keys. */
export interface ReadAtStart {
  readonly secret: string;
  readonly key: string | undefined;
}

/** A Pod, or the Pod template of a workload. */
export interface WorkloadFacts {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  /** Names of the Secrets that it uses. */
  readonly secrets: ReadonlySet<string>;
  readonly readsAtStart: readonly ReadAtStart[];
  /** It is the operator itself. */
  readonly isOperator: boolean;
}

/** A variable that only the operator has. */
export const INSTANCE_VARIABLE = "M2M_INSTANCE_ID";

/** The parts of a Pod's spec that `pod-facts` does not read. */
interface Spec {
  readonly serviceAccountName?: string;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly secret?: { readonly secretName?: string } }[];
}

interface Container {
  readonly env?: readonly {
    readonly name?: string;
    readonly valueFrom?: { readonly secretKeyRef?: { name?: string; key?: string } };
  }[];
  readonly envFrom?: readonly { readonly secretRef?: { readonly name?: string } }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly subPath?: string }[];
}

/** What a Pod, or a template of Pods as a Pod of this name, uses. `undefined` for a Pod that has ended. */
export function workloadFactsOf(kind: string, pod: Pod): WorkloadFacts | undefined {
  const { name, hasEnded, uses } = podFactsOf(pod);
  if (hasEnded) return undefined;
  const spec = (pod.spec ?? {}) as Spec;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  return {
    ...{ kind, name, namespace: pod.metadata.namespace ?? "" },
    serviceAccount: spec.serviceAccountName ?? "default",
    secrets: new Set(uses.map(({ secret }) => secret)),
    readsAtStart: containers.flatMap((one) => readsOf(one, spec)),
    isOperator: containers.some(({ env = [] }) => env.some((variable) => variable.name === INSTANCE_VARIABLE)),
  };
}

function readsOf({ env = [], envFrom = [], volumeMounts = [] }: Container, spec: Spec): readonly ReadAtStart[] {
  const fromEnv = env.map(({ valueFrom }) => valueFrom?.secretKeyRef);
  const whole = envFrom.map(({ secretRef }) => secretRef?.name);
  const mounted = volumeMounts.map(({ name, subPath = "" }) => ({
    name: subPath === "" ? undefined : spec.volumes?.find((volume) => volume.name === name)?.secret?.secretName,
    key: subPath,
  }));
  return [
    ...[...fromEnv, ...mounted].flatMap((one) => (one?.name === undefined ? [] : [{ secret: one.name, key: one.key }])),
    ...whole.flatMap((secret) => (secret === undefined ? [] : [{ secret, key: undefined }])),
  ];
}
