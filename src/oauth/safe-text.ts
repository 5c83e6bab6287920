import { withoutKnownSecrets } from "./known-secrets.ts";
import { MASK, masked } from "./masked.ts";

const LIMIT = 200;
/** Line ends, other control characters, and those that turn the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu;

/**
 * What an error says, fit for status and logs: one line, at most `limit` characters (code points), and nothing that may
 * be a credential. Empty for what is no text.
 */
export function safeText(message: unknown, limit = LIMIT): string {
  if (typeof message !== "string") return "";
  // Before the cut: half of a value would not be known for it.
  const known = withoutKnownSecrets(message.slice(0, 64 * limit), MASK);
  const bounded = known.length <= 4 * limit ? known : beginningOf(known, 4 * limit);
  const characters = [...masked(bounded).replace(UNPRINTABLE, " ").trim()];
  return characters.length <= limit ? characters.join("") : `${characters.slice(0, limit - 1).join("")}…`;
}

/** A run that the cut goes through is left out: half a credential would not be known for one. */
const beginningOf = (message: string, length: number): string =>
  [...message.slice(0, 2 * length)]
    .slice(0, length)
    .join("")
    .replace(/[A-Za-z0-9_+/=.-]+$/, "");
