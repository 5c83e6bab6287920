import { describe, expect, it } from "vitest";
import { matchesAudience } from "../../../src/consent/audience-pattern.ts";

describe("a pattern for audiences", () => {
  it.each([
    ["https://api.acme.com/", "https://api.acme.com/"],
    ["*", "https://api.acme.com/timesheets"],
    ["*", "timesheets"],
    ["https://*", "https://api.acme.com/timesheets"],
    ["https://api.acme.com*", "https://api.acme.com/timesheets"],
    ["https://*.acme.com/*", "https://api.acme.com/"],
    ["https://*.acme.com/*", "https://a.b.acme.com/x/y"],
    ["https://*.acme.com/*/v1", "https://api.acme.com/a/b/v1"],
    ["https://*.acme.com:8443/*", "https://api.acme.com:8443/x"],
    ["https://api-*-*.acme.com", "https://api-a-b-c.acme.com"],
    ["api://payroll-*", "api://payroll-x/y"],
    ["*://api.acme.com/", "https://api.acme.com/"],
    ["urn:acme:*", "urn:acme:payroll/x"],
    ["timesheets*", "timesheets"],
    ["a*b*c", "a--b--c"],
    ["*ab", "aab"],
    ["a**b", "ab"],
  ])("%s covers %s", (pattern, audience) => {
    expect(matchesAudience(pattern, audience)).toBe(true);
  });

  it.each([
    ["https://api.acme.com/", "https://api.acme.com"],
    ["https://api.acme.com/", "https://api.acme.com/x"],
    ["https://api.acme.com/", "https://apixacme.com/"],
    ["https://API.acme.com/", "https://api.acme.com/"],
    ["https://*.acme.com/*", "https://acme.com/"],
    ["https://*.acme.com/*", "http://api.acme.com/"],
    ["https://*.acme.com/*", "https://api.acme.com"],
    ["https://*.acme.com/*", "https://api.acme.com.evil.example/"],
    ["https://*.acme.com/*", "https://evil.example/.acme.com/"],
    ["https://*.acme.com/*", "https://evil.example?.acme.com/"],
    ["https://*.acme.com/*", "https://evil.example#.acme.com/"],
    ["https://*.acme.com/*", "https://evil.example\\.acme.com/"],
    ["https://*.acme.com/*", "https://evil.example@x.acme.com/"],
    ["https://*.acme.com", "https://evil.example/.acme.com"],
    ["https://*.acme.com*", "https://evil.example/.acme.com/"],
    ["https://*.acme.com/*", "xhttps://api.acme.com/"],
    ["https://*.acme.com/*", "api.acme.com/"],
    ["urn:acme:*", "urn:other:acme:x"],
    ["ab*ba", "aba"],
    ["a*b*c", "a--c--b"],
    ["[a-z]+", "abc"],
    ["", "x"],
  ])("%s does not cover %s", (pattern, audience) => {
    expect(matchesAudience(pattern, audience)).toBe(false);
  });

  // A matcher that tries again from every star would not come to an end here.
  it("is judged without trying again, however many stars it has", () => {
    expect(matchesAudience(`${"a*".repeat(300)}b`, "a".repeat(600))).toBe(false);
  });
});
