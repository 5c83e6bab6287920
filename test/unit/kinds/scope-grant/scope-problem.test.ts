import { describe, expect, it } from "vitest";
import { scopesAskedFor } from "../../../../src/kinds/access/requested-scopes.ts";
import { scopeProblem } from "../../../../src/kinds/scope-grant/scope-problem.ts";
import type { ScopeGrant } from "../../../../src/kinds/scope-grant/schema.ts";

const names = { api: "OAuthApi payroll/timesheets", namespace: "billing" };
const requesting = (spec: object): ScopeGrant => ({ spec }) as ScopeGrant;
const declared = new Set(["batch:upload", "read:all", "secret:thing"]);
const allowed = { scopes: new Set(["batch:upload", "read:all"]), declared, isWhole: false };

const problemOf = (spec: object, isExternal = false) =>
  scopeProblem({ own: scopesAskedFor(requesting(spec), allowed), isExternal, names });

describe("a grant whose scopes cannot all be granted", () => {
  it.each([
    [
      "a misspelt scope",
      ["batch:uplaod", "read:all"],
      "UnknownScopes",
      'OAuthApi payroll/timesheets does not define "batch:uplaod" (did you mean "batch:upload"?). Ask its owner to add it to spec.scopes there, or remove it here.',
    ],
    [
      "two unknown scopes",
      ["fly:all", "swim"],
      "UnknownScopes",
      'OAuthApi payroll/timesheets does not define "fly:all", "swim". Ask its owner to add them to spec.scopes there, or remove them here.',
    ],
    [
      "a scope that is not allowed",
      ["secret:thing"],
      "ScopesNotAllowed",
      'OAuthApi payroll/timesheets does not allow namespace billing to request "secret:thing". Ask its owner to extend spec.allowedGrants, or remove it here.',
    ],
    [
      "both",
      ["secret:thing", "swim"],
      "UnknownScopes",
      'OAuthApi payroll/timesheets does not define "swim". Ask its owner to add it to spec.scopes there, or remove it here. OAuthApi payroll/timesheets does not allow namespace billing to request "secret:thing". Ask its owner to extend spec.allowedGrants, or remove it here.',
    ],
  ])("%s", (_case, scopes, reason, message) => {
    expect(problemOf({ scopes })).toEqual({ reason, message });
  });

  it("never suggests a scope that the namespace may not request", () => {
    expect(problemOf({ scopes: ["secret:thin"] })?.message).not.toContain("did you mean");
  });

  it("names the tenant's owner where no OAuthApi declares the API", () => {
    expect(problemOf({ scopes: ["swim"] }, true)?.message).toContain("Ask the tenant's owner to define it there");
  });

  it("says so when nothing is left of all scopes", () => {
    const nothing = { scopes: new Set<string>(), declared, isWhole: false };
    const own = scopesAskedFor(requesting({ allScopes: true }), nothing);
    expect(scopeProblem({ own, isExternal: false, names })).toMatchObject({ reason: "ScopesNotAllowed" });
  });
});

it("everything that can be granted is no problem, nor is an API without scopes", () => {
  expect(problemOf({ scopes: ["read:all"] })).toBeUndefined();
  const none = { scopes: new Set<string>(), declared: new Set<string>(), isWhole: true };
  const own = scopesAskedFor(requesting({ allScopes: true }), none);
  expect(scopeProblem({ own, isExternal: false, names })).toBeUndefined();
});
