import { expect, it } from "vitest";
import { animatedSvg } from "../../../scripts/record-demo/animated-svg.ts";
import { asciicast } from "../../../scripts/record-demo/asciicast.ts";
import { withoutLongPauses, wrapped } from "../../../scripts/record-demo/recording.ts";

const terminal = { columns: 20, rows: 2 };

it("long lines are wrapped after a space or a comma, and what continues them is indented", () => {
  const texts = wrapped([{ text: "  one two three four five", at: 1 }], terminal).map(({ text }) => text);
  expect(texts).toEqual(["  one two three four", "    five"]);
  const [first] = wrapped([{ text: '{"apis":0,"clients":0,"grants":0}', at: 1 }], terminal);
  expect(first?.text).toBe('{"apis":0,');
});

it("what cannot be wrapped is cut at the terminal's width, and nothing is lost", () => {
  const lines = wrapped([{ text: "x".repeat(50), at: 1 }], terminal).map(({ text }) => text);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(20);
  expect(lines.map((line) => line.trim()).join("")).toBe("x".repeat(50));
});

it("pauses are shortened, and everything else keeps its time", () => {
  const lines = [0, 30, 31, 31].map((at) => ({ text: "", at }));
  expect(withoutLongPauses(lines, 2).map(({ at }) => at)).toEqual([0, 2, 3, 3]);
});

it("the recording is an asciicast of version 2", () => {
  const [header, event] = asciicast([{ text: "▸ step", at: 1.23456 }], terminal, { title: "t", command: "c" })
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(header).toEqual({ version: 2, width: 20, height: 2, title: "t", command: "c" });
  expect(event).toEqual([1.235, "o", "\u001b[1;36m▸ step\u001b[0m\r\n"]);
});

it("the picture scrolls so that the last lines are in sight, and what was printed is no markup", () => {
  const lines = ["a", "b", "<c>&"].map((text, index) => ({ text, at: index }));
  const svg = animatedSvg(lines, terminal);
  expect(svg).toContain("#all{transform:translateY(-19px)}");
  expect(svg).toContain("&lt;c&gt;&amp;");
});
