import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { type Crd, crdChanges, unannounced } from "../../../scripts/compatibility/crd-changes.ts";
import { breakingChanges, type Schema } from "../../../scripts/compatibility/schema-changes.ts";

const name = { type: "string", maxLength: 10 };

const BREAKING: readonly (readonly [what: string, before: Schema, after: Schema, told: string])[] = [
  ["a field that is gone", { properties: { name } }, { properties: {} }, "name: removed"],
  ["another type", { type: "string" }, { type: "integer" }, ': type is "integer", was "string"'],
  [
    "a new required field",
    { properties: { name } },
    { required: ["name"], properties: { name } },
    ": name is required now",
  ],
  [
    "an enum where there was none",
    { type: "string" },
    { type: "string", enum: ["A"] },
    ": only listed values are accepted now",
  ],
  ["a value that is gone", { enum: ["A", "B"] }, { enum: ["A", "C"] }, ': the value "B" is gone'],
  ["a lower maximum", { maximum: 9 }, { maximum: 8 }, ": maximum is 8, was 9"],
  ["a higher minimum", { minimum: 1 }, { minimum: 2 }, ": minimum is 2, was 1"],
  ["a bound where there was none", { type: "array" }, { type: "array", maxItems: 5 }, ": maxItems is 5, was none"],
  ["a pattern", { type: "string" }, { type: "string", pattern: "^a" }, ': pattern is "^a", was none'],
  ["a default", {}, { default: true }, ": default is true, was none"],
  ["a default that is gone", { default: true }, {}, ": default is none, was true"],
  [
    "a new rule",
    { "x-kubernetes-validations": [{ rule: "a" }] },
    { "x-kubernetes-validations": [{ rule: "a" }, { rule: "b" }] },
    ": new rule b",
  ],
  ["what is in a list", { items: { maxLength: 9 } }, { items: { maxLength: 8 } }, "[]: maxLength is 8, was 9"],
  [
    "what is in a map",
    { additionalProperties: { maxLength: 9 } },
    { additionalProperties: { maxLength: 8 } },
    "{}: maxLength is 8, was 9",
  ],
  [
    "what is deep below",
    { properties: { spec: { properties: { scopes: { items: { properties: { name } } } } } } },
    { properties: { spec: { properties: { scopes: { items: { properties: {} } } } } } },
    "spec.scopes[].name: removed",
  ],
];

it.each(BREAKING)("%s breaks users", (_what, before, after, told) => {
  expect(breakingChanges(before, after).map(({ path, what }) => `${path}: ${what}`)).toEqual([told]);
});

const HARMLESS: readonly (readonly [what: string, before: Schema, after: Schema])[] = [
  ["a new optional field", { properties: {} }, { properties: { name } }],
  ["a field that need no longer be set", { required: ["name"] }, {}],
  ["one more value", { enum: ["A"] }, { enum: ["A", "B"] }],
  ["wider bounds", { minimum: 2, maxLength: 3 }, { minimum: 1, maxLength: 4 }],
  ["a rule that is gone", { "x-kubernetes-validations": [{ rule: "a" }] }, {}],
  ["other words", { description: "before" }, { description: "after" }],
];

it.each(HARMLESS)("%s breaks nobody", (_what, before, after) => {
  expect(breakingChanges(before, after)).toEqual([]);
});

const crd = parse(readFileSync("crds/m2mclients.yaml", "utf8")) as Crd;

it("a CRD is compatible with itself; a version that is no longer served, or another scope, is not", () => {
  expect(crdChanges(crd, crd)).toEqual([]);
  const versions = crd.spec.versions.map((version) => ({ ...version, served: false }));
  expect(crdChanges(crd, { spec: { ...crd.spec, versions } }).map(({ what }) => what)).toEqual([
    "version v1alpha1 is no longer served",
  ]);
  expect(crdChanges(crd, { spec: { ...crd.spec, scope: "Cluster" } }).map(({ what }) => what)).toEqual([
    "scope is Cluster, was Namespaced",
  ]);
  expect(crdChanges(crd, undefined).map(({ what }) => what)).toEqual(["the kind is gone"]);
});

it("a change is accepted where the changelog names it among what is unreleased, and only there", () => {
  const changes = [{ path: "spec.rotation", what: "removed" }];
  const told = "## [Unreleased]\n\n- `M2MClient spec.rotation` is gone.\n\n## [0.1.0]\n";
  expect(unannounced("M2MClient", changes, told)).toEqual([]);
  const old = "## [Unreleased]\n\n## [0.1.0]\n\n- `M2MClient spec.rotation` is gone.\n";
  expect(unannounced("M2MClient", changes, old)).toEqual(["M2MClient spec.rotation: removed"]);
});
