import { expect, it } from "vitest";
import { createIndexedKeys } from "../../../src/ports/indexed-keys.ts";

const indexed = () => createIndexedKeys<readonly string[]>({ letter: (values) => values });
const found = (index: ReturnType<typeof indexed>, value: string): readonly string[] => [
  ...index.keysOf("letter", value),
];

it("one object of a value, several of them and none are found, in the order in which they came", () => {
  const index = indexed();
  expect(found(index, "a")).toEqual([]);
  index.add(["a"], "one");
  expect(found(index, "a")).toEqual(["one"]);
  index.add(["a", "b"], "two");
  index.add(["a"], "three");
  expect(found(index, "a")).toEqual(["one", "two", "three"]);
  expect(found(index, "b")).toEqual(["two"]);
  index.remove(["a"], "one");
  index.remove(["a", "b"], "two");
  expect(found(index, "a")).toEqual(["three"]);
  expect(found(index, "b")).toEqual([]);
  index.remove(["a"], "three");
  expect(found(index, "a")).toEqual([]);
});

it("an object that has a value twice is found once, and not at all once it is gone", () => {
  const index = indexed();
  index.add(["a", "a"], "one");
  expect(found(index, "a")).toEqual(["one"]);
  index.remove(["a", "a"], "one");
  expect(found(index, "a")).toEqual([]);
});

it("what is removed that was never added changes nothing", () => {
  const index = indexed();
  index.add(["a"], "one");
  index.remove(["a"], "two");
  expect(found(index, "a")).toEqual(["one"]);
});

it("an index that does not exist is a defect", () => {
  expect(() => indexed().keysOf("number", "1")).toThrow("there is no index number");
});
