import { type AnyObject, type Cluster, conditionOf, eventually } from "../integration/cluster.ts";

const NAME = "rotating";
const LONG_MS = 180_000;

/** Clients whose rotation waits for a Pod, so that the Pods of each namespace are watched for as long. */
export interface WaitingRotations {
  /** Until each of them waits. */
  begin(): Promise<void>;
  /** Ends the Pods, and resolves when every rotation has noticed and gone on. */
  end(): Promise<void>;
}

export function createWaitingRotations(cluster: Cluster, namespaces: readonly string[]): WaitingRotations {
  const client = (namespace: string) => cluster.get("M2MClient", namespace, NAME);
  const all = async (holds: (object: AnyObject | undefined) => boolean, what: string): Promise<void> => {
    for (const namespace of namespaces)
      await eventually(() => client(namespace), holds, `${what} in ${namespace}`, LONG_MS);
  };
  return {
    begin: async () => {
      for (const namespace of namespaces) {
        await cluster.apply({
          apiVersion: "m2m-operator.io/v1alpha1",
          kind: "M2MClient",
          metadata: { name: NAME, namespace },
          spec: {
            providerRef: { kind: "IdentityProvider", name: "tenant" },
            displayName: `${namespace} ${NAME}`,
            authentication: { method: "private_key_jwt" },
            rotation: { announce: "1s", overlap: "1s", waitForPods: "EnvAndSubPath", maxWait: "24h" },
          },
        });
        await startPod(cluster, namespace);
      }
      await all((object) => conditionOf(object, "Ready")?.status === "True", "a Ready client");
      const annotations = { "m2m-operator.io/rotate-requested-at": new Date().toISOString() };
      for (const namespace of namespaces)
        await cluster.patch("M2MClient", namespace, NAME, { metadata: { annotations } });
      await all((object) => waitingOf(object).includes("old"), "a rotation that waits for its Pod");
    },
    end: async () => {
      for (const namespace of namespaces) await cluster.remove("Pod", namespace, "old");
      await all((object) => waitingOf(object).length === 0, "a rotation that went on without its Pod");
    },
  };
}

const waitingOf = (object: AnyObject | undefined): readonly unknown[] =>
  (object?.status?.["waitingForPods"] ?? []) as readonly unknown[];

/** There is no kubelet: the Pod is as one that runs. */
async function startPod(cluster: Cluster, namespace: string): Promise<void> {
  const startedAt = new Date(Date.now() - 5000).toISOString();
  await cluster.apply({
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "old", namespace } },
    spec: { containers: [{ name: "app", image: "app", envFrom: [{ secretRef: { name: NAME } }] }] },
  });
  await cluster.patchStatus("Pod", namespace, "old", {
    ...{ phase: "Running", startTime: startedAt },
    containerStatuses: [
      {
        ...{ name: "app", image: "app", imageID: "", ready: true, restartCount: 0 },
        state: { running: { startedAt } },
      },
    ],
  });
}
