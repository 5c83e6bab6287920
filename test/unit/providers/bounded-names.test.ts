import { expect, it } from "vitest";
import type { Mark } from "../../../src/ports/mark.ts";
import { cutBytes, cutText } from "../../../src/ports/cut-text.ts";
import { markedPolicy, policyBody } from "../../../src/providers/okta/grant-bodies.ts";
import { readMarked } from "../../../src/providers/okta/marked-text.ts";

const MARK: Mark = {
  ...{ instance: "installation-with-a-long-name", object: "0123456789abcdef", origin: "made" },
  ...{ uid: "3f2504e0-4f89-41d3-9a0c-0305e82c3301", nonce: "00112233445566ff" },
};

it.each(["Job", "A display name that is longer than the room for it", "😀".repeat(60), "e\u0301".repeat(60)])(
  "a policy's name and description fit at every org, hold whole characters, the client's id and the mark: %s",
  (holder) => {
    const id = "0oa1b2c3d4E5F6G7H8i9";
    const { name, description } = policyBody(holder, id, MARK);
    expect([...name].length).toBeLessThanOrEqual(50);
    expect(name).toMatch(/^m2m .+ 0oa1b2c3d4E5F6G7H8i9$/u);
    expect([name.isWellFormed(), description.isWellFormed()]).toEqual([true, true]);
    expect([...description].length).toBeLessThanOrEqual(255);
    expect(readMarked(description).mark).toEqual(MARK);
  },
);

it("a policy that is taken over keeps as much of its text as the mark leaves room for", () => {
  const { description } = markedPolicy(MARK)({ description: "😀".repeat(255) }) as { description: string };
  expect(description.isWellFormed()).toBe(true);
  expect([...description].length).toBeLessThanOrEqual(255);
  expect(readMarked(description).mark).toEqual(MARK);
});

it("a text is cut between characters, by their number or by bytes", () => {
  expect(cutText("a😀b", 2)).toBe("a😀");
  expect(cutText("a😀b", 3)).toBe("a😀b");
  expect(cutBytes("a😀b", 4)).toBe("a");
  expect(cutBytes("a😀b", 5)).toBe("a😀");
  expect(cutBytes("short", 5)).toBe("short");
});
