import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { PodFacts, SecretUse } from "../../src/ports/pods.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Finding } from "./state.ts";
import type { Node } from "./node.ts";

/** The Secrets that the operator publishes for a client, and the Pods that use them. */
export function outputNodes(snapshot: Snapshot, client: M2MClient): readonly Node[] {
  const { namespace = "" } = client.metadata;
  const name = client.status?.binding?.name;
  if (name === undefined) return [];
  const existing = snapshot.secrets.get(namespace);
  const missing: Finding = {
    reason: "SecretMissing",
    message: `Secret ${namespace}/${name} does not exist.`,
    action: undefined,
  };
  return [
    {
      ...{ kind: "Secret", namespace, name, detail: "" },
      findings: existing === undefined || existing.has(name) ? [] : [missing],
      children: (snapshot.pods.get(namespace) ?? [])
        .filter(({ hasEnded, uses }) => !hasEnded && uses.some(({ secret }) => secret === name))
        .map((pod) => podNode(pod, namespace, name, client)),
    },
  ];
}

const WAYS: Readonly<Record<SecretUse["by"], string>> = {
  env: "environment",
  subPath: "subPath mount",
  volume: "volume mount",
};

function podNode({ name, uses }: PodFacts, namespace: string, secret: string, { status }: M2MClient): Node {
  const ways = new Set(uses.filter((use) => use.secret === secret).map(({ by }) => WAYS[by]));
  const isOld = (status?.waitingForPods ?? []).includes(name);
  const finding: Finding = {
    reason: "OldCredential",
    message: `Pod ${namespace}/${name} still uses the old credential.`,
    action: "Restart it.",
  };
  return {
    ...{ kind: "Pod", namespace, name, children: [] },
    detail: [...ways].join(", "),
    findings: isOld ? [finding] : [],
  };
}
