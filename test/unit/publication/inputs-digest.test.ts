import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { SecretInputs } from "../../../src/publication/inputs.ts";
import { inputsDigest } from "../../../src/publication/inputs-digest.ts";
import { grant, inputs, layout, SECRET } from "./secret-inputs.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const digest = (given: object, version = "uid/1") => inputsDigest(given, version, sha256);

it("is short hex", () => {
  expect(digest(inputs())).toMatch(/^[0-9a-f]{32}$/);
});

it.each<[string, Partial<SecretInputs>]>([
  ["client id", { clientId: "client-2" }],
  ["domain", { domain: "login.acme.example" }],
  ["vendor", { vendor: "okta" }],
  ["server", { server: undefined }],
  ["scopes", { grants: [grant("uploads", "https://api.example/timesheets", ["read:all"])] }],
  ["grants", { grants: [] }],
  ["primary grant", { primary: "other" }],
  ["APIs", { apis: { portal: grant("x", "api-3", []) } }],
  ["key style", { layout: layout({ keyStyle: "Env" }) }],
  ["prefix", { layout: layout({ keyPrefix: "x" }) }],
  ["template", { layout: layout({}, { a: "b" }) }],
  ["labels", { layout: layout({ template: { data: {}, labels: { a: "b" }, annotations: {}, apis: [] } }) }],
])("changes with the %s", (_what, change) => {
  expect(digest(inputs(change))).not.toBe(digest(inputs()));
});

it("changes with the version of the state Secret", () => {
  expect(digest(inputs(), "uid/2")).not.toBe(digest(inputs(), "uid/1"));
});

it("is the same whatever the credential", () => {
  const credential = { ...inputs().credential, clientSecret: "another-not-real-secret" };
  const without = Object.fromEntries(Object.entries(inputs()).filter(([name]) => name !== "credential"));
  expect(digest(inputs({ credential }))).toBe(digest(inputs()));
  expect(digest(without)).toBe(digest(inputs()));
});

it("never hands the credential to the hash", () => {
  const seen: string[] = [];
  inputsDigest(inputs(), "uid/1", (text) => (seen.push(text), "0"));
  expect(seen.join()).toContain("client-1");
  expect(seen.join()).not.toContain(SECRET);
});

it("does not depend on the order of members, grants or scopes", () => {
  const [one, two] = [grant("a", "api-1", ["x", "y"]), grant("b", "api-2", [])];
  const turned = { ...grant("a", "api-1", ["y", "x"]) };
  const reversed = Object.fromEntries(Object.entries(inputs({ grants: [two, turned] })).reverse());
  expect(digest(reversed)).toBe(digest(inputs({ grants: [one, two] })));
});

it("takes absent and undefined for the same", () => {
  expect(digest({ a: 1, b: undefined })).toBe(digest({ a: 1 }));
});
