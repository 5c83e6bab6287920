import { type AnyObject, eventually } from "../../integration/cluster.ts";
import type { World } from "../world.ts";
import type { SecretData } from "./workload.ts";

/** Short enough for a test; nothing here waits for Pods. */
export const FAST = { announce: "1s", overlap: "2s", maxWait: "0s", waitForPods: "None" };

export interface Credential {
  readonly id: string;
  readonly state: string;
  readonly createdAt: string;
  readonly keyId?: string;
  readonly retireAt?: string;
}

export const credentialsOf = (client: AnyObject | undefined): readonly Credential[] =>
  (client?.["status"] as { credentials?: readonly Credential[] } | undefined)?.credentials ?? [];

/** One client with one grant, and what the tests do to it. */
export interface Subject {
  readonly namespace: string;
  readonly client: () => Promise<AnyObject | undefined>;
  readonly secret: (name?: string) => Promise<SecretData>;
  /** Id of the credential in force. */
  readonly current: () => Promise<string>;
  readonly rotate: () => Promise<void>;
  /** Until one credential is left and it is another than this. */
  readonly rotated: (from: string) => Promise<AnyObject>;
}

export async function createSubject(world: World, spec: object, grant: object = {}): Promise<Subject> {
  const namespace = await world.namespace();
  await world.api(namespace, "things");
  await world.client(namespace, "job", spec);
  await world.grant(namespace, "job-things", {
    ...{ clientRef: { name: "job" }, apiRef: { name: "things" }, scopes: ["read:things"] },
    ...grant,
  });
  await world.ready("ScopeGrant", namespace, "job-things");
  await world.ready("M2MClient", namespace, "job");
  return subjectIn(world, namespace);
}

/** The client of this namespace, no matter who created it. */
export function subjectIn(world: World, namespace: string): Subject {
  const client = (): Promise<AnyObject | undefined> => world.cluster.get("M2MClient", namespace, "job");
  return {
    namespace,
    client,
    secret: async (name = "job") => (await world.cluster.secret(namespace, name)) ?? {},
    current: async () => credentialsOf(await client()).find(({ state }) => state === "Current")?.id ?? "",
    rotate: () => world.annotate("M2MClient", namespace, "job", "rotate-requested-at", new Date().toISOString()),
    rotated: (from) =>
      eventually(
        client,
        (object) => {
          const all = credentialsOf(object);
          return all.length === 1 && all[0]?.state === "Current" && all[0].id !== from;
        },
        `one credential other than ${from}`,
        90_000,
      ) as Promise<AnyObject>,
  };
}

/** Names of the keys that exist only around a change. */
export const passingKeys = (secret: SecretData): readonly string[] =>
  Object.keys(secret).filter((key) => /^(next|previous)_/.test(key));
