import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { safeText } from "../../../src/oauth/safe-text.ts";

const secret = createHmac("sha512", "a seed").digest("base64url");

it("is one line, whatever the server sent", () => {
  expect(safeText("one\r\ntwo\u2028three\tfour\u0000\u202efive")).toBe("one two three four five");
});

it("masks what may be a credential", () => {
  expect(safeText(`${secret} was refused`)).toBe("[masked] was refused");
});

it("is cut by characters as people count them, never in the middle of one", () => {
  const text = safeText("😀".repeat(500));
  expect([...text]).toHaveLength(200);
  expect(text).toBe("😀".repeat(199) + "…");
});

it.each([150, 170, 199, 200, 700, 790, 799])(
  "shows no part of a credential that begins at %i, where a cut may be",
  (at) => {
    const text = safeText(`${"x ".repeat(at).slice(0, at)}${secret}`);
    expect(text).not.toContain(secret.slice(0, 6));
  },
);

it("shows nothing of what is no text", () => {
  expect(safeText({ message: "hunter2" })).toBe("");
  expect(safeText(undefined)).toBe("");
});
