import { expect, it } from "vitest";
import { dnsLabel, joinedName, namesOf } from "../../../../cli/export/names.ts";
import { namespaceChoice } from "../../../../cli/export/namespaces.ts";
import { mergedRules } from "../../../../cli/export/allow.ts";

it.each([
  ["Import Job", "import-job"],
  ["Café – Zahlungen (alt)", "cafe-zahlungen-alt"],
  ["https://api.example.com/v1/", "https-api-example-com-v1"],
  ["--x--", "x"],
  ["支払い", ""],
  ["a".repeat(80), "a".repeat(63)],
])("the name of %j is %j", (text, name) => {
  expect(dnsLabel(text)).toBe(name);
});

it("things of one name get a digest of their ID, whatever their order, and nothing else changes", () => {
  const thing = (id: string, text: string) => ({ id, texts: [text, id], namespace: "a" });
  const things = [thing("1", "Job"), thing("2", "job"), thing("3", "Other"), thing("x", "支払い")];
  const names = namesOf(things);
  expect(names.get("1")).toMatch(/^job-[0-9a-f]{8}$/);
  expect(names.get("1")).not.toBe(names.get("2"));
  expect([names.get("3"), names.get("x")]).toEqual(["other", "x"]);
  expect(namesOf([...things].reverse())).toEqual(names);
});

it("a joined name that is too long is cut with a digest", () => {
  expect(joinedName("a", "b")).toBe("a-b");
  expect(joinedName("a".repeat(60), "b".repeat(60))).toMatch(/^a{54}-[0-9a-f]{8}$/);
});

const thing = { id: "client1", displayName: "payroll / importer", metadata: { team: "Payroll Team" } };

it.each([
  [["metadata:team"], "payroll-team"],
  [["metadata:none"], "default"],
  [["name:^(\\w+) /"], "payroll"],
  [["map:file"], "mapped"],
  [["metadata:none", "name:^(\\w+) /"], "payroll"],
  [[], "default"],
])("with %j the namespace is %s", (rules, namespace) => {
  expect(namespaceChoice(rules, "default", () => "client1: mapped\n")(thing)).toBe(namespace);
});

it.each([["team"], ["label:team"], ["name:("]])("--namespace-by %s is refused", (rule) => {
  expect(() => namespaceChoice([rule], "default", () => "")).toThrow(/--namespace-by/);
});

it.each(["- a\n", "text", ""])("a map that is %j is refused", (text) => {
  expect(() => namespaceChoice(["map:file"], "default", () => text)).toThrow(/is not a YAML map/);
});

it("rules that say no more than the new ones are replaced, others stay", () => {
  const namespaces = { from: "Names", names: ["a"] };
  const added = [
    { namespaces, audiences: ["x", "y"], organizations: [], adopt: { clients: ["1", "2"], shareCredential: true } },
  ];
  const older = { namespaces, audiences: ["x"], organizations: [], adopt: { clients: ["1"], shareCredential: true } };
  expect(mergedRules([older], added)).toEqual(added);
  for (const other of [
    { ...older, audiences: ["z"] },
    { namespaces },
    { ...older, namespaces: { from: "All" } },
    { ...older, externalAudiences: [{ audience: "m", scopes: ["s"] }] },
    { ...older, adopt: { clients: ["3"] } },
  ])
    expect(mergedRules([other], added)).toEqual([other, ...added]);
});
