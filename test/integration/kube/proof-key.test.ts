import { afterAll, beforeAll, expect, it } from "vitest";
import { obtainProofKey } from "../../../src/kube/proof-key.ts";
import { admin, type Cluster } from "../cluster.ts";

let cluster: Cluster;
let namespace: string;
beforeAll(async () => {
  cluster = admin();
  namespace = await cluster.createNamespace();
});
afterAll(async () => {
  await cluster.remove("Namespace", "", namespace);
  await cluster.close();
});

const obtain = (name: string) => obtainProofKey(cluster.connection, { namespace, name }, new AbortController().signal);

it("replicas that start at once get one key, and so does each that starts later", async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, () => obtain("shared")));
  const [first] = keys;
  expect(first).toHaveLength(32);
  for (const key of [...keys, await obtain("shared")]) expect(key).toEqual(first);
  expect(await obtain("other")).not.toEqual(first);
});

it("nobody changes the key by accident", async () => {
  await obtain("fixed");
  const data = { key: Buffer.alloc(32).toString("base64") };
  await expect(cluster.patch("Secret", namespace, "fixed", { data })).rejects.toThrow("immutable");
});

it.each([
  ["without a key", {}],
  ["with a key that is too short", { key: Buffer.from("tiny").toString("base64") }],
])("a Secret %s is refused, and the message says what to do and nothing of what it holds", async (what, data) => {
  const name = what.replaceAll(" ", "-");
  await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, data });
  const error = await obtain(name).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain("--recover");
  expect(String(error)).toContain(`${namespace}/${name}`);
  expect(String(error)).not.toContain("tiny");
});
