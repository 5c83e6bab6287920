import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderClientSecret } from "../../../src/publication/render.ts";
import { knownNames, PASSING_NAMES } from "../../../src/publication/keys.ts";
import type { CredentialValues, SecretInputs } from "../../../src/publication/inputs.ts";
import { renderTemplate } from "./one-template.ts";
import { inputs, keyCredential, layout } from "./secret-inputs.ts";

const serviceAccount: CredentialValues = {
  ...{ id: "s1", createdAt: "2026-01-02T03:04:05Z", authenticationMethod: "kubernetes" },
  subject: "system:serviceaccount:team:job",
};
const page = readFileSync("docs/reference/secret-keys.md", "utf8");
const rows = [...page.matchAll(/^\| `([^`]+)` +\| `([^`]+)` +\| `([^`]+)` +\|/gm)];

function problemOf(template: string): string {
  const outcome = renderTemplate(template, { client_id: "c" });
  return outcome.kind === "invalid" ? outcome.message : "";
}

describe("the page about keys", () => {
  it.each([
    ["Snake", 1],
    ["Env", 2],
    ["Kebab", 3],
  ] as const)("lists exactly the keys that a Secret of style %s has", (keyStyle, column) => {
    const keysWith = (change: Partial<SecretInputs>): string[] => {
      const rendering = renderClientSecret(inputs({ layout: layout({ keyStyle }), ...change }));
      return rendering.kind === "rendered" ? Object.keys(rendering.data) : [];
    };
    const keys = new Set([
      ...keysWith({}),
      ...keysWith({ credential: keyCredential() }),
      ...keysWith({ credential: serviceAccount }),
    ]);
    expect(rows.map((row) => row[column]).sort()).toEqual([...keys].sort());
  });

  it("lists exactly the names that templates know, beside those around a change", () => {
    const names = knownNames("Opaque").filter((name) => !PASSING_NAMES.includes(name));
    expect(rows.map((row) => row[1]).sort()).toEqual([...names, "grants"].sort());
  });

  it("names only filters that there are", () => {
    const filters = /^Filters:\n\n```text\n([^`]+)```/m.exec(page)?.[1]?.match(/[a-z_0-9]+/g) ?? [];
    expect(filters.length).toBeGreaterThan(20);
    for (const filter of filters) expect(problemOf(`{{ client_id | ${filter} }}`)).not.toContain("undefined filter");
  });

  it("names only tags that there are", () => {
    const tags = /^Tags: ([^.]+)\./m.exec(page)?.[1]?.match(/[a-z]+/g) ?? [];
    expect(tags).toHaveLength(5);
    for (const tag of tags) expect(problemOf(`{% ${tag} client_id %}{% end${tag} %}`)).toBe("");
  });
});
