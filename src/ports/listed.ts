/** For a sentence: the first texts, and how many more there are, as in "a, b and 3 more". */
export function listed(texts: readonly string[], most: number, separator = ", "): string {
  const shown = texts.slice(0, most).join(separator);
  return texts.length > most ? `${shown} and ${String(texts.length - most)} more` : shown;
}
