/** Longer names are no slips of the finger. */
const MAX_LENGTH = 64;

/**
 * The known name that somebody most likely meant: the one with the fewest characters to change, insert or delete, at
 * most a third of them. Case, `_` and `-` do not count, so that `clientId` finds `client_id`. `undefined` when none is
 * near.
 */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  if (written.length > MAX_LENGTH) return undefined;
  const plain = plainOf(written);
  const [best] = known
    .map((name) => ({ name, distance: distanceOf(plain, plainOf(name)) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(1, Math.floor(plain.length / 3)) ? best.name : undefined;
}

const plainOf = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, "");

/** Levenshtein's, one row at a time. */
function distanceOf(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (const [index, character] of [...left].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...right].entries())
      next.push(
        Math.min(
          (row[column] ?? 0) + (character === other ? 0 : 1),
          (row[column + 1] ?? 0) + 1,
          (next[column] ?? 0) + 1,
        ),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}
