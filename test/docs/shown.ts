/** What a page shows, as a pattern: spaces of columns, ages, and "…" for what differs everywhere. */
export function patternOf(shown: string): RegExp {
  const pattern = shown
    .replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll(/\b\d+s\b/g, "\\S+")
    .replaceAll("…", ".*")
    .replaceAll(/\s+/g, "\\s+");
  return new RegExp(`^\\s*${pattern}\\s*$`, "s");
}
