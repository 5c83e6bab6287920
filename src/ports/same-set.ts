/** The order of scopes says nothing: providers keep it as sent. */
export function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  const members = new Set(left);
  return members.size === new Set(right).size && right.every((scope) => members.has(scope));
}
