import { expect, it } from "vitest";
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
  ["a heading with a stop", "## What is it.", "ends without a stop"],
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

it("says where", async () => {
  expect(await lint("page.md", "# Title\n\nOne line\nand nobody's line.")).toMatchObject([{ line: 4, column: 5 }]);
});
