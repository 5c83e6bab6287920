import { basename, extname } from "node:path";
import { BANNED_WORDS } from "./banned-words.ts";
import { type Finding, lint } from "./lint.ts";
import { commentTexts, frontMatterTexts, notesTexts, stringTexts, type Text, yamlTexts } from "./texts.ts";

/** What is wrong with the texts of a file, by what kind of file it is. */
export async function findingsIn(path: string, content: string): Promise<readonly Finding[]> {
  if (basename(path) === "NOTES.txt") return findingsInTexts(notesTexts(content));
  switch (extname(path)) {
    case ".ts":
      return [
        ...commentTexts(path, content).flatMap(findingsInComment),
        ...(path.startsWith("src/") ? await findingsInTexts(stringTexts(path, content)) : []),
      ];
    case ".yaml":
    case ".yml":
      return findingsInTexts(yamlTexts(content));
    default:
      return [...(await findingsInTexts(frontMatterTexts(content))), ...(await lint(path, content))];
  }
}

async function findingsInTexts(texts: readonly Text[]): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const { text, line } of texts)
    for (const { message } of await lint("text.md", text.replaceAll("<", "_")))
      found.push({ line, column: 1, message });
  return found;
}

const WITHOUT_CODE = /`[^`]*`/g;

/** A comment may be short of a sentence, so only its words count. */
export function findingsInComment({ text, line }: Text): readonly Finding[] {
  const prose = text.replaceAll(WITHOUT_CODE, (code) => "_".repeat(code.length));
  const words = BANNED_WORDS.flatMap(({ pattern, instead }) =>
    [...prose.matchAll(pattern)].map((match) => `comment: "${match[0]}": write ${instead}`),
  );
  const [, first] = /^(Also|Nor)\b/.exec(text) ?? [];
  const start = first === undefined ? [] : [`comment begins with "${first}": it stands alone`];
  return [...words, ...start].map((message) => ({ line, column: 1, message }));
}
