import { describe, expect, it } from "vitest";
import { formerKeys, withRememberedKeys } from "../../../src/publication/remembered-keys.ts";
import type { ObjectHead, ObjectManifest } from "../../../src/ports/cluster.ts";

const MANAGED = { "m2m-operator.io/managed": "true", "app.kubernetes.io/managed-by": "m2m-operator" };
type Texts = Readonly<Record<string, string>>;

const manifest = (labels: Texts, annotations: Texts = {}): ObjectManifest => ({
  ...{ namespace: "ns", name: "job", data: {} },
  owner: { apiVersion: "v1", kind: "M2MClient", name: "job", uid: "1" },
  labels: { ...labels, ...MANAGED },
  annotations,
});

/** As it is after the manifest was written and others added theirs. */
const written = (wanted: ObjectManifest, others: { labels?: Texts; annotations?: Texts } = {}): ObjectHead => {
  const { labels, annotations } = withRememberedKeys(wanted);
  return {
    ...{ namespace: "ns", name: "job", uid: "1", resourceVersion: "1", owners: [], finalizers: [], isDeleting: false },
    labels: { ...labels, ...others.labels },
    annotations: { ...annotations, ...others.annotations },
  };
};

describe("the memory of what was put on a published object", () => {
  it("is nothing where the spec names nothing", () => {
    expect(withRememberedKeys(manifest({})).annotations).toEqual({});
  });

  it("tells ours, which come off, from those of others, which stay", () => {
    const before = written(manifest({ team: "blue", env: "prod" }, { note: "x", more: "y" }), {
      ...{ labels: { theirs: "1" }, annotations: { "their/note": "1" } },
    });
    const after = withRememberedKeys(manifest({ team: "red" }, { note: "x" }));
    expect(formerKeys(before, after)).toEqual({ labels: ["env"], annotations: ["more"] });
  });

  it("goes with the last of them", () => {
    const before = written(manifest({ team: "blue" }, { note: "x" }));
    expect(formerKeys(before, withRememberedKeys(manifest({})))).toEqual({
      labels: ["team"],
      annotations: ["note", "m2m-operator.io/published-labels", "m2m-operator.io/published-annotations"],
    });
  });

  it("does not name again what somebody took off", () => {
    const { labels: _gone, ...rest } = written(manifest({ team: "blue" }));
    expect(formerKeys({ ...rest, labels: MANAGED }, manifest({})).labels).toEqual([]);
  });

  it("cannot be made to take off what says whose the object is", () => {
    const forged = {
      "m2m-operator.io/published-labels": "m2m-operator.io/managed app.kubernetes.io/managed-by __proto__",
      "m2m-operator.io/published-annotations": "m2m-operator.io/owner",
      "m2m-operator.io/owner": "x",
    };
    const before = written(manifest({}), { annotations: forged });
    expect(formerKeys(before, manifest({})).labels).toEqual([]);
    expect(formerKeys(before, manifest({})).annotations).not.toContain("m2m-operator.io/owner");
  });
});
