import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyObject, eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

const FAST = { announce: "1s", overlap: "2s", maxWait: "0s", waitForPods: "None" };

type Credential = { readonly id: string; readonly state: string };
const credentialsOf = (client: AnyObject | undefined): readonly Credential[] =>
  (client?.["status"] as { credentials?: readonly Credential[] } | undefined)?.credentials ?? [];

const decoded = (secret: AnyObject | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries((secret?.["data"] ?? {}) as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, "base64").toString(),
    ]),
  );

describe.each(["auth0", "okta"] as const)("rotation at %s", (vendor) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ vendor });
    await world.startOperator();
  });
  afterAll(() => world.end());

  const secretOf = async (namespace: string): Promise<Record<string, string>> =>
    decoded(await world.cluster.get("Secret", namespace, "job"));

  async function ready(spec: object): Promise<string> {
    const namespace = await world.namespace();
    await world.api(namespace, "things");
    await world.client(namespace, "job", spec);
    await world.grant(namespace, "job-things", {
      clientRef: { name: "job" },
      apiRef: { name: "things" },
      scopes: ["read:things"],
    });
    await world.ready("ScopeGrant", namespace, "job-things");
    await world.ready("M2MClient", namespace, "job");
    return namespace;
  }

  const rotate = (namespace: string, value = new Date().toISOString()): Promise<void> =>
    world.annotate("M2MClient", namespace, "job", "rotate-requested-at", value);

  const settled = (namespace: string, old: string): Promise<AnyObject> =>
    eventually(
      () => world.cluster.get("M2MClient", namespace, "job"),
      (client) => {
        const all = credentialsOf(client);
        return all.length === 1 && all[0]?.state === "Current" && all[0].id !== old;
      },
      "one credential, another than before",
      60_000,
    ) as Promise<AnyObject>;

  it("replaces a secret on request", async () => {
    const namespace = await ready({ rotation: FAST });
    const before = await secretOf(namespace);
    const [first] = credentialsOf(await world.cluster.get("M2MClient", namespace, "job"));
    await rotate(namespace);
    const client = await settled(namespace, first?.id ?? "");
    const after = await secretOf(namespace);
    expect(after["client_secret"]).not.toBe(before["client_secret"]);
    expect(Object.keys(after).filter((key) => /^(next|previous)_/.test(key))).toEqual([]);
    expect((client["status"] as { lastRotationAt?: string }).lastRotationAt).toBeDefined();
  });
});
