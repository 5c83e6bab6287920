import { expect, it } from "vitest";
import { concealing } from "../../../src/kube/concealed.ts";

const SECRET = "not-a-real-secret/Zx81-Zx81-Zx81";
const PEM = "-----BEGIN PRIVATE KEY-----\nnotAreal0keyNotAreal1keyNotAreal2key\n-----END PRIVATE KEY-----\n";
const conceal = concealing([SECRET, PEM, "true", "client_secret_basic"]);

it.each([
  ["as text", SECRET],
  ["in base64, as it was sent", Buffer.from(SECRET).toString("base64")],
  ["as JSON", JSON.stringify(PEM)],
  ["in part", SECRET.slice(3, 25)],
  ["in part of its base64", Buffer.from(PEM).toString("base64").slice(10, 40)],
])("a value that a message quotes is taken out: %s", (_how, quoted) => {
  const text = conceal(`admission webhook "w" denied the request: ${quoted} is weak`);
  expect(text).toMatch(/^admission webhook "w" denied the request: .*\[masked\].* is weak$/);
  for (let at = 0; at + 16 <= quoted.length; at++) expect(text).not.toContain(quoted.slice(at, at + 16));
});

it("a value that nobody sent is taken out as well when it looks like one", () => {
  expect(concealing([])("old value notAreal0secretNotAreal9 must go")).toBe("old value [masked] must go");
});

it.each([
  'secrets "imm" is forbidden: exceeded quota: few, requested: count/secrets=1, used: count/secrets=1, limited: count/secrets=1',
  'Secret "client-with-a-long-name-of-its-own-0815.m2m-state" is invalid: data: Forbidden: field is immutable when `immutable` is set',
  "ValidatingAdmissionPolicy 'no-secrets' with binding 'all' denied request: data[client_secret] is true",
  'secrets is forbidden: User "system:serviceaccount:m2m:m2m-operator" cannot create resource "secrets" in API group "" in the namespace "x"',
])("what the API server says stays: %s", (text) => {
  expect(conceal(text)).toBe(text);
});
