import type { PodFacts, SecretUse } from "../../../ports/pods.ts";

/** Which Pods hold back the end of an old credential. */
export type PodPolicy = "None" | "EnvAndSubPath" | "All";

/** A kubelet renews the files of a volume within its sync period and the life of its cache: about two minutes. */
const VOLUME_MS = 120_000;

/**
 * Names of the Pods that still work with what these Secrets held before `since`: a container that started earlier has
 * its environment and its `subPath` files from then; files of a plain volume are renewed by themselves. `All` waits for
 * a restart there too, for programs that read them only once.
 */
export function podsThatHold(
  pods: readonly PodFacts[],
  secrets: ReadonlySet<string>,
  since: Date,
  policy: PodPolicy,
  now: Date,
): readonly string[] {
  if (policy === "None") return [];
  const isRenewed = now.getTime() >= since.getTime() + VOLUME_MS;
  const holds = ({ secret, by, runsSince }: SecretUse): boolean => {
    if (!secrets.has(secret) || runsSince === undefined || runsSince > since) return false;
    return by !== "volume" || policy === "All" || !isRenewed;
  };
  return pods
    .filter(({ hasEnded, uses }) => !hasEnded && uses.some(holds))
    .map(({ name }) => name)
    .sort();
}

/**
 * Names of the Pods that have one of these Secrets in any way, whenever their containers started: where it is gone, no
 * container with it in its environment starts again, and files of a volume are renewed no more.
 */
export function podsThatUse(pods: readonly PodFacts[], secrets: ReadonlySet<string>): readonly string[] {
  return pods
    .filter(({ hasEnded, uses }) => !hasEnded && uses.some(({ secret }) => secrets.has(secret)))
    .map(({ name }) => name)
    .sort();
}

/** When files of plain volumes are renewed although nothing tells so. */
export function volumesRenewedAt(since: Date): Date {
  return new Date(since.getTime() + VOLUME_MS);
}
