const UID = "00000000-0000-4000-8000-";
const NONCE = "00000000";
const MADE = /00000000-0000-4000-8000-[0-9a-f]{12}|(?<![0-9a-f])00000000[0-9a-f]{8}(?![0-9a-f])/g;

/** In place of what the API server and chance would choose. */
export interface PlaceholderIds {
  readonly newUid: () => string;
  /** 16 hex characters. */
  readonly nonce: () => string;
}

/** IDs of one preview. Each is another, and every preview has the same. */
export function createPlaceholderIds(): PlaceholderIds {
  let count = 0;
  const next = (length: number): string => (++count).toString(16).padStart(length, "0");
  return { newUid: () => `${UID}${next(12)}`, nonce: () => `${NONCE}${next(8)}` };
}

/** The text with other words in place of such IDs. */
export const withoutPlaceholderIds = (text: string, words: string): string => text.replaceAll(MADE, words);
