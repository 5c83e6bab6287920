import type { PodFacts, SecretUse } from "../ports/pods.ts";
import type { KubeObject } from "./store.ts";

/** A Pod as far as it is read. */
export interface Pod extends KubeObject {
  readonly spec?: {
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly ephemeralContainers?: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly startTime?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  };
}

interface Container {
  readonly name: string;
  readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: { readonly name?: string } } }[];
  readonly envFrom?: readonly { readonly secretRef?: { readonly name?: string } }[];
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly subPath?: string;
    readonly subPathExpr?: string;
  }[];
}

interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName?: string };
  readonly projected?: { readonly sources?: readonly { readonly secret?: { readonly name?: string } }[] };
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: { readonly startedAt?: string };
  };
}

/** Which Secrets the containers of a Pod, of any type, work with, and since when. */
export function podFactsOf({ metadata, spec = {}, status = {} }: Pod): PodFacts {
  const { phase } = status;
  return {
    name: metadata.name,
    hasEnded: phase === "Succeeded" || phase === "Failed",
    uses: [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])].flatMap(
      (container) => usesOf(container, spec.volumes ?? [], runsSince(container.name, status)),
    ),
  };
}

function usesOf(container: Container, volumes: readonly Volume[], since: Date | undefined): readonly SecretUse[] {
  const { env = [], envFrom = [], volumeMounts = [] } = container;
  const fromEnv = [
    ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
    ...envFrom.map((all) => all.secretRef?.name),
  ];
  const mounted = volumeMounts.flatMap(({ name, subPath = "", subPathExpr = "" }) =>
    secretsIn(volumes.find((volume) => volume.name === name)).map((secret): SecretUse => {
      const by = subPath === "" && subPathExpr === "" ? "volume" : "subPath";
      return { secret, by, runsSince: since };
    }),
  );
  const named = fromEnv.filter((secret) => secret !== undefined);
  return [...named.map((secret): SecretUse => ({ secret, by: "env", runsSince: since })), ...mounted];
}

function secretsIn(volume: Volume | undefined): readonly string[] {
  const projected = (volume?.projected?.sources ?? []).map(({ secret }) => secret?.name);
  return [volume?.secret?.secretName, ...projected].filter((name) => name !== undefined);
}

/**
 * A finished init container may have handed on what it read, so it counts from when it ran. Where a running Pod says
 * nothing of a container, the Pod's own start counts; one that has not begun will read what exists then.
 */
function runsSince(container: string, status: NonNullable<Pod["status"]>): Date | undefined {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
    phase,
    startTime,
  } = status;
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  const known = all.find(({ name }) => name === container);
  const text = known === undefined ? startTime : (known.state?.running ?? known.state?.terminated)?.startedAt;
  const isUnknown = known === undefined && phase !== "Running";
  return text === undefined || isUnknown ? undefined : new Date(text);
}
