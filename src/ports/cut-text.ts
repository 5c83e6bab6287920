/** Cut to so many characters as the API server counts them: code points, none of them in half. */
export function cutText(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : Array.from(text).slice(0, maxLength).join("");
}

/** Cuts a text to a number of bytes of UTF-8. */
export function cutBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let bytes = 0;
  let cut = "";
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) return cut;
    cut += character;
  }
  return cut;
}
