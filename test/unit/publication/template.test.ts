import { describe, expect, it } from "vitest";
import { checkTemplate, renderTemplate } from "../../../src/publication/template.ts";
import { SECRET } from "./secret-inputs.ts";

const scope = {
  client_id: "client-1",
  client_secret: SECRET,
  scopes: "a b",
  grants: { "a-b": { audience: "api-1" }, "x.y": { audience: "api-2" } },
  apis: { portal: { audience: "api-3" } },
};

describe("a template", () => {
  it.each([
    ["id={{ client_id }} aud={{ apis.portal.audience }}", "id=client-1 aud=api-3"],
    ["{{ grants.a-b.audience }}", "api-1"],
    ['{{ grants["a-b"].audience }}', "api-1"],
    ['{{ grants["x.y"].audience }}', "api-2"],
    ["{{ client_secret | json }}", JSON.stringify(SECRET)],
    ["{{ scopes | split: ' ' | join: ',' }}", "a,b"],
    ["{{ client_id | append: ':' | append: client_secret | base64_encode }}", btoa(`client-1:${SECRET}`)],
    ["{{ grants.a-b | json }}", '{"audience":"api-1"}'],
    ["{% if next_client_secret %}x{% else %}none{% endif %}", "none"],
    ["{{ next_client_secret | default: client_id }}", "client-1"],
    ["{% case scopes %}{% when 'a b' %}both{% endcase %}", "both"],
    ["{% raw %}{{ left.alone }}{% endraw %}", "{{ left.alone }}"],
    ["no names at all", "no names at all"],
  ])("renders %s", (text, expected) => {
    expect(renderTemplate(text, scope)).toEqual({ kind: "text", text: expected });
  });

  it.each([
    ["{{ next_client_secret }}", "next_client_secret"],
    ["{{ grants.later.audience }}", "grants.later"],
    ["{{ apis.other.issuer | upcase }}", "apis.other"],
    ["{{ grants.x.y.audience }}", "grants.x"],
    ["{{ client_id | append: missing }}", "missing"],
  ])("waits for the name that %s lacks", (text, name) => {
    expect(renderTemplate(text, scope)).toEqual({ kind: "unknown", name });
    expect(checkTemplate(text)).toBeUndefined();
  });

  it.each([
    ["a file", "{% include 'passwd' %}", 'tag "include" not found'],
    ["a file", "{% render '/etc/passwd' %}", 'tag "render" not found'],
    ["a file", "{% layout 'passwd' %}", 'tag "layout" not found'],
    ["a huge loop", "{% for i in (1..1000000000) %}x{% endfor %}", 'tag "for" not found'],
    ["a table", "{% tablerow i in (1..1000000000) %}x{% endtablerow %}", 'tag "tablerow" not found'],
    ["a text that doubles", "{% capture a %}{{ a }}{{ a }}{% endcapture %}", 'tag "capture" not found'],
    ["an unknown name made empty", "{% assign a = apis.other %}{{ a }}", 'tag "assign" not found'],
    ["the clock", "{{ 'now' | date: '%s' }}", "undefined filter: date"],
    ["chance", "{{ scopes | split: ' ' | sample }}", "undefined filter: sample"],
    ["a prototype's function", "{{ client_id | constructor }}", "undefined filter: constructor"],
    ["a prototype's function", "{% constructor %}", 'tag "constructor" not found'],
    ["an output that does not end", "{{ client_id", "not closed"],
    ["a block that does not end", "{% if client_id %}", "not closed"],
    ["too long a text", "x".repeat(16_385), "parse length limit exceeded"],
  ])("with %s is refused before any value is there", (_what, text, problem) => {
    expect(checkTemplate(text)).toContain(problem);
    expect(renderTemplate(text, scope)).toMatchObject({ kind: "invalid", message: checkTemplate(text) });
  });

  it.each([
    ["constructor", "{{ constructor }}"],
    ["__proto__", "{{ __proto__ }}"],
    ["client_id.constructor", "{{ client_id.constructor }}"],
    ["grants.__proto__", "{{ grants.__proto__.polluted }}"],
    ["apis.portal.constructor", "{{ apis.portal.constructor.name }}"],
  ])("does not find %s", (name, text) => {
    expect(renderTemplate(text, scope)).toEqual({ kind: "unknown", name });
  });

  it.each([
    ["a huge range", "{{ (1..1000000000) | size }}"],
    ["a huge slice", "{{ client_id | slice: 0, 999999999 }}"],
    ["a text that grows", `{{ client_id ${"| replace: '', client_id ".repeat(20)}}}`],
  ])("is refused when it asks for %s", (_what, text) => {
    expect(renderTemplate(text, scope)).toEqual({ kind: "invalid", message: "line 1: it does too much work" });
  });

  it("says how to write out an object instead of writing [object Object]", () => {
    const message = "line 2: an object is written out; name one of its members, or add | json";
    expect(renderTemplate("id\n{{ grants.a-b }}", scope)).toEqual({ kind: "invalid", message });
  });
});

describe("what is said of a template that fails", () => {
  it.each([
    "{{ grants[client_secret].audience }}",
    "{{ apis.portal[client_secret] }}",
    "{{ [client_secret] }}",
    "{{ [client_secret].x }}",
    "{{ grants.a-b[client_secret][client_id] }}",
    "{{ client_secret.missing }}",
    "{{ client_secret | append: '%zz' | url_decode }}",
    "{{ client_secret | append: '!' | base64_decode }}",
    "{{ client_secret | append }}",
    "{{ client_secret | slice: 0, 999999999 }}",
  ])("never holds a value: %s", (text) => {
    const outcome = renderTemplate(text, scope);
    expect(outcome.kind).not.toBe("text");
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
  });

  it("names the part that the template spells out", () => {
    expect(renderTemplate("{{ grants[client_secret].audience }}", scope)).toEqual({
      kind: "unknown",
      name: "grants[…]",
    });
  });
});
