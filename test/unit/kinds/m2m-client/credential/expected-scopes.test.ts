import { expect, it } from "vitest";
import { expectedOf } from "../../../../../src/kinds/m2m-client/credential/verify.ts";
import { grant } from "../../../publication/secret-inputs.ts";

const entry = grant("reads", "https://api.example/", ["read", "write"]);

it.each([
  ["a grant that nobody saw", undefined, ["read", "write"], []],
  ["a grant with just these", { scopes: ["write", "read"], allScopes: false }, ["read", "write"], ["write", "read"]],
  [
    "a grant of an adopted client, with one more",
    { scopes: ["read", "write", "old"], allScopes: false },
    ["read", "write"],
    ["read", "write", "old"],
  ],
  ["a grant that lost one a moment ago", { scopes: ["read"], allScopes: false }, ["read"], ["read"]],
  ["a grant with none of them", { scopes: ["old"], allScopes: false }, ["read", "write"], ["old"]],
  ["a grant of every scope", { scopes: [], allScopes: true }, ["read", "write"], "all"],
] as const)("%s", (_case, held, scopes, furtherScopes) => {
  const expected = expectedOf(entry, held);
  expect(expected.grant.scopes).toEqual(scopes);
  expect(expected.furtherScopes).toEqual(furtherScopes);
});
