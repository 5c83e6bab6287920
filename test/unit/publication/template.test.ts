import { describe, expect, it } from "vitest";
import { SECRET } from "./secret-inputs.ts";
import { renderTemplate } from "./one-template.ts";

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
    ['{{ grants.later.audience | default: "none" }}', "none"],
    ["{% if grants.later %}x{% else %}none{% endif %}", "none"],
    ["{% case scopes %}{% when 'a b' %}both{% endcase %}", "both"],
    ["{% raw %}{{ left.alone }}{% endraw %}", "{{ left.alone }}"],
    ["no names at all", "no names at all"],
  ])("renders %s", (text, expected) => {
    expect(renderTemplate(text, scope)).toEqual({ kind: "text", text: expected });
  });

  it.each([
    ["{{ next_client_secret }}", "next_client_secret"],
    ["{{ grants.later.audience }}", "grants.later"],
    ["{{ apis.later.issuer | upcase }}", "apis.later"],
    ["{{ grants[client_id].audience }}", "grants[…]"],
    ["{{ client_id | append: private_key }}", "private_key"],
  ])("waits for the name that %s lacks", (text, name) => {
    expect(renderTemplate(text, scope)).toEqual({ kind: "waiting", names: [name] });
  });

  it.each([
    ["a file", "{% include 'passwd' %}", 'line 1: there is no tag "include". Use if, unless, case, comment, raw or #'],
    [
      "a file",
      "{% render '/etc/passwd' %}",
      'line 1: there is no tag "render". Use if, unless, case, comment, raw or #',
    ],
    ["a file", "{% layout 'passwd' %}", 'line 1: there is no tag "layout". Use if, unless, case, comment, raw or #'],
    [
      "a huge loop",
      "{% for i in scopes %}x{% endfor %}",
      'line 1: there is no tag "for". Use if, unless, case, comment, raw or #',
    ],
    [
      "a table",
      "{% tablerow i in scopes %}x{% endtablerow %}",
      'line 1: there is no tag "tablerow". Use if, unless, case, comment, raw or #',
    ],
    [
      "a text that doubles",
      "{% capture a %}{{ a }}{{ a }}{% endcapture %}",
      'line 1: there is no tag "capture". Use if, unless, case, comment, raw or #',
    ],
    [
      "an unknown name made empty",
      "{% assign a = apis.other %}{{ a }}",
      'line 1: there is no tag "assign". Use if, unless, case, comment, raw or #',
    ],
    ["the clock", "{{ 'now' | date: '%s' }}", 'line 1: there is no filter "date". Use append, prepend'],
    ["chance", "{{ scopes | split: ' ' | sample }}", 'line 1: there is no filter "sample". Use append, prepend'],
    [
      "a prototype's function",
      "{{ client_id | constructor }}",
      'line 1: there is no filter "constructor". Use append, prepend',
    ],
    [
      "a prototype's function",
      "{% constructor %}",
      'line 1: there is no tag "constructor". Use if, unless, case, comment, raw or #',
    ],
    ["an output that does not end", "{{ client_id", "not closed"],
    ["a block that does not end", "{% if client_id %}", "not closed"],
    ["too long a text", "x".repeat(8193), "more than 8192 characters"],
    ["a range", "{{ (1..1000000000) | size }}", "line 1: ranges like (1..3) are not supported"],
  ])("with %s is refused", (_what, text, problem) => {
    const message = expect.stringContaining(problem) as string;
    expect(renderTemplate(text, scope)).toEqual({ kind: "invalid", message });
  });

  it.each([
    ["{{ clientId }}", "templates have no value clientId (did you mean client_id?)"],
    ["{{ CLIENT_ID }}", "templates have no value CLIENT_ID (did you mean client_id?)"],
    ["{{ .Data.client_id }}", "templates have no value Data. Use client_id, domain, issuer"],
    ['{{ printf "%s" .client_id }}', "templates have no value printf"],
    ["{% if clientId %}x{% endif %}", "templates have no value clientId (did you mean client_id?)"],
    ["{{ clientId | default: 'x' }}", "templates have no value clientId (did you mean client_id?)"],
    ["{% if client_id == 'x' %}{{ oops }}{% endif %}", "templates have no value oops"],
    ["{{ client_id | append: missing }}", "templates have no value missing"],
    ["{{ grant.a-b.audience }}", "templates have no value grant (did you mean grants?)"],
    ["{{ grants.a-b.audiance }}", "templates have no value grants.a-b.audiance (did you mean audience?)"],
    ["{{ grants.x.y.audience }}", 'A name with dots is written grants["x.y"]'],
    ["{{ grants.a-b.audience.x }}", "audience is a text and has no members"],
    ["{{ apis.portla.audience }}", 'spec.secret.template.apiRefs has no entry "portla" (did you mean portal?)'],
    ["{{ client_secret.missing }}", "client_secret is a text and has no members"],
    ["{{ constructor }}", "templates have no value constructor"],
    ["{{ __proto__ }}", "templates have no value __proto__"],
    ["{{ client_id.constructor }}", "client_id is a text and has no members"],
    ["{{ grants.a-b.__proto__ }}", "templates have no value grants.a-b.__proto__"],
    ["{{ apis.portal.constructor.name }}", "templates have no value apis.portal.constructor"],
    ["{{ apis.__proto__ }}", 'apiRefs has no entry "__proto__"'],
    ["{{ type }}", "templates have no value type"],
    ["{{ [client_secret] }}", "a name must be written out"],
  ])("is refused for a name that no value can ever have: %s", (text, problem) => {
    expect(renderTemplate(text, scope)).toEqual({
      kind: "invalid",
      message: expect.stringContaining(problem) as string,
    });
  });

  it("does not find what every object has as a grant", () => {
    expect(renderTemplate("{{ grants.constructor.audience }}", scope)).toMatchObject({ kind: "waiting" });
    expect(renderTemplate("{{ grants.__proto__.audience }}", scope)).toMatchObject({ kind: "waiting" });
  });

  it.each([
    ["a huge slice", "{{ client_id | slice: 0, 999999999 }}"],
    ["a text that grows", `{{ client_id ${"| replace: '', client_id ".repeat(20)}}}`],
  ])("is refused when it asks for %s", (_what, text) => {
    expect(renderTemplate(text, scope)).toEqual({
      kind: "invalid",
      message: "line 1: the template needs too much work",
    });
  });

  it("says how to write out an object instead of writing [object Object]", () => {
    const message = "line 2: a template cannot print an object: name one of its members, or add | json";
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
      kind: "waiting",
      names: ["grants[…]"],
    });
  });
});
