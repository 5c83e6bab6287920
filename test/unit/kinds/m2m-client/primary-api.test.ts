import { expect, it } from "vitest";
import {
  choosePrimary,
  flatApiOf,
  type GrantedApiNames,
} from "../../../../src/kinds/m2m-client/publication/primary-api.ts";

const one: GrantedApiNames = { ids: ["ns/one"], grants: ["read-one", "write-one"] };
const two: GrantedApiNames = { ids: ["https://two.example/"], grants: ["two"] };

it.each([
  ["nothing is granted", {}, undefined, [], { kind: "none" }],
  ["two ScopeGrants for one API", {}, undefined, [one], { kind: "chosen", api: one }],
  ["the spec names a ScopeGrant", { grant: "ns/two" }, undefined, [one, two], { kind: "chosen", api: two }],
  ["the spec names an OAuthApi", { api: "ns/one" }, undefined, [one, two], { kind: "chosen", api: one }],
  ["what was published decides nothing", { grant: "ns/two" }, "ns/one", [one, two], { kind: "chosen", api: two }],
  ["only one API is left", {}, "ns/one", [two], { kind: "chosen", api: two }],
  ["several APIs", {}, undefined, [one, two], { kind: "required", ids: [two.ids[0], "ns/one"], keeps: undefined }],
  ["several APIs later", {}, "ns/one", [one, two], { kind: "required", ids: [two.ids[0], "ns/one"], keeps: one }],
  [
    "a ScopeGrant that is not granted",
    { grant: "ns/later" },
    "ns/one",
    [one],
    { kind: "awaited", what: "spec.secret.primaryGrant names ScopeGrant ns/later, which is not granted", keeps: one },
  ],
  [
    "an OAuthApi that is not granted",
    { api: "ns/later" },
    undefined,
    [one],
    {
      kind: "awaited",
      what: "spec.secret.primaryApi names OAuthApi ns/later, for which no ScopeGrant is granted",
      keeps: undefined,
    },
  ],
] as const)("%s", (_case, named, published, granted, choice) => {
  expect(choosePrimary(named, published, granted)).toEqual(choice);
});

it("fills the flat keys with the chosen API, else with the one that they have", () => {
  expect(flatApiOf(choosePrimary({}, undefined, [one]))).toBe(one);
  expect(flatApiOf(choosePrimary({}, "ns/one", [one, two]))).toBe(one);
  expect(flatApiOf(choosePrimary({}, undefined, [one, two]))).toBeUndefined();
  expect(flatApiOf(choosePrimary({}, "ns/one", []))).toBeUndefined();
});
