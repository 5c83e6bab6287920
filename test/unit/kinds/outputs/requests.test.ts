import { expect, it } from "vitest";
import type { KindContext } from "../../../../src/kinds/kind-context.ts";
import { publishOutput } from "../../../../src/kinds/outputs/write.ts";
import { observeState, readState, writeState } from "../../../../src/kinds/state-secret/store.ts";
import type { ObjectClient, ObjectManifest } from "../../../../src/ports/cluster.ts";
import { createFakeSecrets } from "../../../fakes/objects.ts";
import { bench, secret } from "../m2m-client/actions.ts";

/** The same objects, and what is asked of the API server, in order. `hides`: the cache has not heard of any yet. */
function counted(objects: ObjectClient, hides = false): { readonly objects: ObjectClient; readonly asked: string[] } {
  const asked: string[] = [];
  const counting: ObjectClient = {
    ...objects,
    head: (namespace, name) => (hides ? undefined : objects.head(namespace, name)),
    read: (namespace, name) => {
      asked.push("read");
      return objects.read(namespace, name);
    },
    create: (manifest) => {
      asked.push("create");
      return objects.create(manifest);
    },
    replace: (before, manifest, former) => {
      asked.push("replace");
      return objects.replace(before, manifest, former);
    },
  };
  return { objects: counting, asked };
}

const manifest = (value: string): ObjectManifest => ({
  ...{ namespace: "team", name: "job", type: "Opaque", labels: { "m2m-operator.io/managed": "true" }, annotations: {} },
  owner: { apiVersion: "m2m-operator.io/v1alpha1", kind: "M2MClient", name: "job", uid: "uid", controller: true },
  data: { key: value },
});
const context = (): Pick<KindContext, "memory"> => ({
  memory: { outputs: new Map() } as unknown as KindContext["memory"],
});

it("what the cache does not know is created without a read, and what it knows is read before it is replaced", async () => {
  const { objects, asked } = counted(createFakeSecrets());
  await publishOutput(context(), objects, manifest("a"), "digest-a");
  await publishOutput(context(), objects, manifest("b"), "digest-b");
  expect(asked).toEqual(["create", "read", "replace"]);
});

it("an object that the cache has not heard of yet is read and kept, never overwritten unseen", async () => {
  const secrets = createFakeSecrets();
  await secrets.create(manifest("a"));
  const same = counted(secrets, true);
  await publishOutput(context(), same.objects, manifest("a"), "digest-a");
  expect(same.asked).toEqual(["create", "read"]);
  const foreign = createFakeSecrets();
  await foreign.create({ ...manifest("theirs"), labels: {}, owner: { ...manifest("").owner, uid: "another" } });
  const taken = counted(foreign, true);
  await expect(publishOutput(context(), taken.objects, manifest("a"), "digest-a")).rejects.toThrow("another owner");
  expect(taken.asked).toEqual(["create", "read"]);
});

it("what this process wrote into the state Secret it does not read again to know it", async () => {
  const { context: given, see } = await bench({});
  const { resource } = await see();
  const { objects, asked } = counted(given.secrets);
  const ports = { ...given, secrets: objects };
  const stored = await readState(ports, resource, await observeState(ports, resource));
  asked.length = 0;
  await writeState(ports, resource, stored, { ...stored.content, clientId: "id", current: secret("a") });
  expect(await observeState(ports, resource)).toMatchObject({ current: { clientId: "id", kind: "secret" } });
  expect(asked).toEqual(["create"]);
});
