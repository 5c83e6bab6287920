import { expect, it } from "vitest";
import { createKeptObject } from "../../../src/kube/kept-object.ts";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const listed = (
  name: string,
): { readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> } } =>
  JSON.parse(
    JSON.stringify({
      apiVersion: "m2m-operator.io/v1alpha1",
      kind: "M2MClient",
      metadata: {
        ...{ name, uid: name, labels: { team: "payroll" }, managedFields: [{ manager: "kubectl" }] },
        annotations: { [LAST_APPLIED]: "{}", theirs: "kept" },
      },
      spec: { authentication: { method: "private_key_jwt" } },
      status: { conditions: [{ type: "Ready", status: "True", message: "Everything is as the spec says." }] },
    }),
  ) as never;

it("an object is kept without the two texts that nobody reads, and otherwise as it came", () => {
  const { metadata, ...rest } = listed("a");
  expect(createKeptObject()(listed("a"))).toEqual({
    ...rest,
    metadata: { name: "a", uid: "a", labels: { team: "payroll" }, annotations: { theirs: "kept" } },
  });
  expect(metadata.name).toBe("a");
});

it("an object without annotations gets none", () => {
  expect(createKeptObject()({ metadata: {} })).toEqual({ metadata: {} });
});

it("what was kept before stays as it is when many other texts come", () => {
  const kept = createKeptObject();
  const texts = Array.from({ length: 2000 }, (_, at) => `message ${String(at)}`);
  const objects = texts.map((message) => kept({ metadata: {}, status: { message } }));
  expect(objects.map(({ status }) => status.message)).toEqual(texts);
});
