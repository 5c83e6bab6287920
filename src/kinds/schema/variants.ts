import type { Rule } from "./rules.ts";

type Fields = Readonly<Record<string, unknown>>;

const isSet = (fields: object, name: string): boolean => (fields as Fields)[name] !== undefined;
const countOf = (names: readonly string[]): string =>
  `[${names.map((name) => `has(self.${name})`).join(", ")}].filter(isSet, isSet).size()`;

/** `a, b or c`, for messages. */
export function listOf(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
}

/** One of these optional fields is set, and no other; however many there are. */
export const exactlyOneOf = (names: readonly string[], message: string): Rule<object> => ({
  rule: `${countOf(names)} == 1`,
  message,
  holds: (fields) => names.filter((name) => isSet(fields, name)).length === 1,
});

/** One of these optional fields may be set, or none. */
export const atMostOneOf = (names: readonly string[], message: string): Rule<object> => ({
  rule: `${countOf(names)} <= 1`,
  message,
  holds: (fields) => names.filter((name) => isSet(fields, name)).length <= 1,
});

/** Those of these optional fields that are set stay the same ones; what is in them may change. */
export const sameOf = (names: readonly string[], message: string): Rule<object> => ({
  rule: names.map((name) => `has(self.${name}) == has(oldSelf.${name})`).join(" && "),
  message,
});
