/** Line ends and other characters that no HTTP header can carry, and that no vendor's credential has. */
const UNSENDABLE = /[^\x20-\x7e]/;

/**
 * What is wrong with the text of a credential that is sent in a header or a form: it holds more than one line, or another
 * character that cannot be sent. Spaces around it are passed over. Names the key, never the value.
 */
export function problemOfTexts(
  credentials: Readonly<Record<string, string>>,
  keys: readonly string[],
): string | undefined {
  const wrong = keys.find((key) => UNSENDABLE.test((credentials[key] ?? "").trim()));
  return wrong === undefined
    ? undefined
    : `the key ${wrong} holds several lines or a character that cannot be sent. Store the value alone, in one line.`;
}
