/** Cut to so many characters as the API server counts them: code points, none of them in half. */
export function cutText(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : Array.from(text).slice(0, maxLength).join("");
}
