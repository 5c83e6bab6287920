import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** Fields whose change the API server refuses. */
const FIELDS = [
  ...["audience", "clientId", "providerRef", "clientRef", "apiRef", "externalAudience", "allClients"],
  ...["authorizationServerId", "domain", "orgUrl", "url", "realm"],
];
const VERBS = "set|correct|change|choose|check|use|remove|adopt";
const PROPOSAL = new RegExp(
  `\\b(?:${VERBS}) (?:the |the same |another )?(?:spec\\.)?(?:\\w+\\.)*(?:${FIELDS.join("|")})\\b(?! (?:of|in|that)\\b)`,
  "i",
);
const ANOTHER = /\b(?:use|choose|adopt) another (?:audience|client|API)\b/i;

/** Sentences of the texts in a source, without its comments. */
function sentencesIn(source: string): readonly string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const texts = code.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
  return texts.flatMap((text) => text.split(/(?<=[.!?]) /));
}

const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

it("no message proposes to change a field that the API server keeps as it is", () => {
  const proposing = sources.flatMap((file) =>
    sentencesIn(readFileSync(join("src", file), "utf8"))
      .filter((sentence) => /^["`]?[A-Z$]/.test(sentence) && !/\bagain\b/.test(sentence))
      .filter((sentence) => PROPOSAL.test(sentence) || ANOTHER.test(sentence))
      .map((sentence) => `${file}: ${sentence}`),
  );
  expect(proposing).toEqual([]);
});

it.each([
  "Set the same spec.providerRef on both.",
  "Check spec.clientId, or ask the owner.",
  "Create it there, or correct externalAudience.",
  "Remove apiRef.namespace.",
  "Use another audience, or delete one of the two.",
])("%s would be found", (sentence) => {
  expect(PROPOSAL.test(sentence) || ANOTHER.test(sentence)).toBe(true);
});
