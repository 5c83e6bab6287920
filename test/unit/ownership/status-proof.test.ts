import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { proofOf, provenPart } from "../../../src/ownership/status-proof.ts";

const sign =
  (key: string) =>
  (text: string): string =>
    createHmac("sha256", key).update(text).digest("hex");
const resource = {
  apiVersion: "m2m-operator.io/v1alpha1",
  kind: "OAuthApi",
  metadata: { name: "api", namespace: "payroll", uid: "uid-1", resourceVersion: "1" },
  spec: {},
};
const conditions = [{ type: "Ready", status: "True" }];
const facts = { externalId: "id-1", tenant: "acme", origin: "Made", outputs: [{ kind: "Secret", name: "s" }] };
const status = { ...facts, conditions, observedGeneration: 1, lastCheckedAt: "2026-01-01T00:00:00Z" };
const proof = proofOf(resource, status, "one", sign("key"));
const written = { ...resource, status: { ...status, proof } };

describe("a status that proves itself", () => {
  it("is seen as it was written", () => {
    expect(provenPart(written, "one", sign("key"))).toBe(written);
  });

  it.each<[string, object]>([
    ["another order of members", Object.fromEntries(Object.entries(written.status).reverse())],
    ["other conditions", { ...written.status, conditions: [] }],
    ["another time of the last read", { ...written.status, lastCheckedAt: "2027-01-01T00:00:00Z" }],
    ["members that are undefined", { ...written.status, pendingCreate: undefined }],
  ])("still proves itself with %s", (_what, changed) => {
    const seen = provenPart({ ...written, status: changed }, "one", sign("key"));
    expect(seen.status).toBe(changed);
  });
});

describe("a status that does not prove itself", () => {
  const { uid: _uid, ...metadata } = resource.metadata;
  it.each<[string, object, object, string, string]>([
    ["another id", { externalId: "id-2" }, {}, "one", "key"],
    ["another tenant", { tenant: "other" }, {}, "one", "key"],
    ["another origin", { origin: "Adopted" }, {}, "one", "key"],
    ["another output", { outputs: [{ kind: "Secret", name: "t" }] }, {}, "one", "key"],
    ["one more member", { pendingCreate: { key: "a", nonce: "b", at: "c" } }, {}, "one", "key"],
    ["one member less", { origin: undefined }, {}, "one", "key"],
    ["a member that is named as the prototype", JSON.parse('{"__proto__":{"a":1}}') as object, {}, "one", "key"],
    ["no proof", { proof: undefined }, {}, "one", "key"],
    ["an empty proof", { proof: "" }, {}, "one", "key"],
    ["the proof of another resource", {}, { metadata: { ...metadata, uid: "uid-2" } }, "one", "key"],
    ["the proof of another kind", {}, { kind: "M2MClient" }, "one", "key"],
    ["the proof of another installation", {}, {}, "two", "key"],
    ["the proof of another key", {}, {}, "one", "other"],
  ])("with %s keeps only its conditions and times", (_what, changed, other, instance, key) => {
    const forged = { ...written, ...other, status: { ...written.status, ...changed } };
    const seen = provenPart(forged, instance, sign(key));
    expect(seen.status).toEqual({ conditions, lastCheckedAt: status.lastCheckedAt });
  });

  it("that says nothing but conditions needs no proof", () => {
    const fresh = { ...resource, status: { conditions, observedGeneration: 1 } };
    expect(provenPart(fresh, "one", sign("key"))).toBe(fresh);
    expect(provenPart(resource, "one", sign("key"))).toBe(resource);
  });
});
