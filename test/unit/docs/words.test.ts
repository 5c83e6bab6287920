import { expect, it } from "vitest";
import { findingsIn } from "../../../scripts/words/files.ts";
import { lint } from "../../../scripts/words/lint.ts";

const messagesOf = async (text: string) => (await lint("page.md", text)).map(({ message }) => message);

it.each([
  ["an idiom", "The rest is read by and by.", '"by and by"'],
  ["an idiom in a link", "It is [put right](page.md) then.", '"put right"'],
  ["an idiom in a table", "| Field | Meaning |\n| --- | --- |\n| `a` | Nobody's. |", '"Nobody\'s"'],
  ["a semicolon", "One thing; another thing.", "semicolon"],
  ["a long sentence", `It is ${"very ".repeat(30)}long.`, "33 words in one sentence"],
  ["a long sentence with code", `It is ${"`code` ".repeat(30)}long.`, "33 words in one sentence"],
  ["a table heading", "| what | Value |\n| --- | --- |\n| a | b |", 'table heading "what"'],
  ["a small table heading", "| field | Value |\n| --- | --- |\n| a | b |", "begin with a capital letter"],
  ["a phrasal verb around its object", "It takes it over.", '"takes it over"'],
  ["a second look", "The operator looks again.", '"looks again"'],
  ["a wrong article", "It adopts a API.", '"a "'],
  ["a heading that is a clause", "## What the API server refuses", "name the thing"],
  ["a heading with a stop", "## Its name.", "ends without a stop"],
])("refuses %s", async (_what, text, message) => {
  const found = await messagesOf(text);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(message);
});

it.each([
  ["words and semicolons in code", "Run `a; by and by`.\n\n```sh\nput right; go on\n```"],
  ["two short sentences", `It is ${"very ".repeat(20)}long. It is ${"very ".repeat(20)}long.`],
  ["a heading that asks", "## What is it?"],
])("accepts %s", async (_what, text) => {
  expect(await messagesOf(text)).toEqual([]);
});

it.each([
  ["a comment", "src/a.ts", "/** Whoever asks waits. */\nconst a = 1;", '"Whoever"'],
  ["a comment that continues another", "test/a.ts", "const a = 1; // Nor this one.\n", 'begins with "Nor"'],
  ["a message", "src/a.ts", "const a = `Client ${b} looks again now`;", '"looks again"'],
  ["the front matter of a page", "docs/a.md", "---\nhero:\n  tagline: It simply works for you.\n---\n", '"simply"'],
  ["a description in YAML", "charts/a/Chart.yaml", "description: It simply works for you.\n", '"simply"'],
  ["the notes of the chart", "charts/a/templates/NOTES.txt", "2. It simply works for {{ .Name }}.\n", '"simply"'],
])("reads %s", async (_what, path, text, message) => {
  expect((await findingsIn(path, text)).map((found) => found.message).join()).toContain(message);
});

it("reads no strings of tests and no code in comments", async () => {
  expect(await findingsIn("test/a.ts", 'const a = "whoever asks for it now"; // `whoever` is a name\n')).toEqual([]);
});

it("says where", async () => {
  expect(await lint("page.md", "# Title\n\nOne line\nand nobody's line.")).toMatchObject([{ line: 4, column: 5 }]);
});
