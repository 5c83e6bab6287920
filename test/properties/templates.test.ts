import fc from "fast-check";
import { expect, it } from "vitest";
import { renderTemplates, type Templates, type TemplateScope } from "../../src/publication/template.ts";
import { holds } from "./holds.ts";

/** What one Secret may keep the process from everything else. */
const LOOP_MS = 50;

const SECRET = "zq-secret-value-zq";
const SCOPES = "zq-first zq-second";
const api = { audience: "zq-audience", scopes: SCOPES, issuer: "zq-issuer" };
const SCOPE: TemplateScope = {
  ...{ client_id: "zq-id", client_secret: SECRET, scopes: SCOPES },
  grants: { reads: api, "a.b": api, [SECRET]: api },
  apis: { portal: api },
};
const KNOWN = { values: ["client_id", "client_secret", "scopes", "next_client_secret"], apis: ["portal"] };

const NAMES = [
  ...["client_id", "client_secret", "scopes", "next_client_secret", "grants", "apis", "grants.reads.audience"],
  ...['grants["a.b"].scopes', "apis.portal.issuer", "grants[client_secret].audience", "apis[client_id]", "constructor"],
  ...["__proto__", "size", "first", "forloop", "nil", "blank", "1", "-1.5", '"text"', "'it", "(1..9)", "é", "[", "]"],
];
const FILTERS = [
  ...["json", "default: client_secret", "append: client_secret", "split: ''", "join: scopes", "replace: 'a', scopes"],
  ...[
    "slice: 1, 99",
    "slice: client_secret",
    "base64_decode",
    "url_decode",
    "date: '%Y'",
    "map: 'x'",
    "size",
    "nothing",
  ],
];
const TAGS = [
  ...[
    "if client_secret",
    "elsif scopes contains client_id",
    "else",
    "endif",
    "unless nil",
    "endunless",
    "raw",
    "endraw",
  ],
  ...[
    "case client_id",
    "when client_secret, 'x' or 1",
    "endcase",
    "comment",
    "endcomment",
    "# note",
    "for a in scopes",
  ],
  ...["assign a = client_secret", "include client_secret", "render 'x'", "capture a", "liquid echo a", "if", "endfor"],
];

const words = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.constantFrom(...FILTERS),
  fc.string({ unit: "binary", maxLength: 4 }),
);
/** What looks like Liquid, and may be. */
const piece: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...NAMES), fc.array(fc.constantFrom(...FILTERS), { maxLength: 3 }))
    .map(([name, filters]) => `{{ ${[name, ...filters].join(" | ")} }}`),
  fc.constantFrom(...TAGS).map((tag) => `{% ${tag} %}`),
  fc
    .tuple(fc.constantFrom("{{", "{%", "{{-", "{%-"), words, words, fc.constantFrom("}}", "%}", "-}}", ""))
    .map((parts) => parts.join(" ")),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const text: fc.Arbitrary<string> = fc.oneof(
  fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
  fc
    .tuple(piece, fc.integer({ min: 1, max: 8192 }))
    .map(([part, length]) => part.repeat(Math.ceil(length / Math.max(1, part.length))).slice(0, length)),
);
const templates: fc.Arbitrary<Templates> = fc
  .array(text, { minLength: 1, maxLength: 3 })
  .map((all) => Object.fromEntries(all.map((one, index) => [`key${String(index)}`, one])));

it("whatever a template says, it becomes a text, waits for what it names, or is refused without a value", () => {
  holds(
    fc.property(templates, (given) => {
      const outcome = renderTemplates(given, KNOWN, SCOPE);
      if (outcome.kind === "texts") {
        for (const written of Object.values(outcome.texts)) expect(typeof written).toBe("string");
        return;
      }
      const told = outcome.kind === "waiting" ? outcome.names.join(" ") : outcome.message;
      expect(told).not.toBe("");
      // What it says of itself is no value.
      if (!Object.values(given).join("").includes("zq")) expect(told).not.toContain("zq");
      if (outcome.kind === "invalid") expect(Object.keys(given)).toContain(outcome.key);
    }),
    1000,
  );
});

it("and does so in a moment", () => {
  holds(
    fc.property(templates, (given) => {
      expect(quickest(given)).toBeLessThan(LOOP_MS);
    }),
    300,
  );
});

/** Milliseconds of this thread's own time, since others share the machine; best of three, since the engine still compiles. */
function quickest(given: Templates): number {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 && best >= LOOP_MS; tries++) {
    const before = process.threadCpuUsage();
    renderTemplates(given, KNOWN, SCOPE);
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}
