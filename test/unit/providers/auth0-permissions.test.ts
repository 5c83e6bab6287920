import { expect, it } from "vitest";
import { excessPermissions, neededPermissions } from "../../../src/providers/auth0/permissions.ts";
import { readPage } from "../../docs/pages.ts";

it("no permission that the operator needs is in excess", () => {
  for (const isReadOnly of [true, false])
    expect(excessPermissions(neededPermissions(isReadOnly), isReadOnly)).toEqual([]);
});

it("names the others, sorted, and for an operator that only observes every write", () => {
  const granted = ["read:users", "update:client_keys", "create:users"];
  expect(excessPermissions(granted, false)).toEqual(["create:users", "read:users"]);
  expect(excessPermissions(["read:clients", "create:clients"], true)).toEqual(["create:clients"]);
});

it("no permission of single features that docs/auth0.md lists is in excess", () => {
  const rows = readPage("docs/auth0.md")
    .split("\n")
    .filter((line) => /^\| (Rotation of client|`private_key|Organizations)/.test(line));
  const named = rows.flatMap((row) => {
    // `read:`, `create:`, `delete:x` stands for three permissions of x.
    const cells = [...row.matchAll(/`((?:read|create|update|delete):)([a-z_]*)`/g)];
    return cells.map(([, verb = "", noun = ""], index) => {
      const next = cells.slice(index).find(([, , later = ""]) => later !== "");
      return `${verb}${noun === "" ? (next?.[2] ?? "") : noun}`;
    });
  });
  expect(named.length).toBeGreaterThan(8);
  expect(excessPermissions(named, false)).toEqual([]);
});
