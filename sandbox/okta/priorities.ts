interface Ranked {
  readonly id: string;
  priority: number;
}

export const byPriority = <T extends Ranked>(items: ReadonlyMap<string, T>): readonly T[] =>
  [...items.values()].sort((a, b) => a.priority - b.priority);

/** Contiguous from one: an occupied place shifts the others down, a far one and none append (none: not recorded). */
export function place(items: ReadonlyMap<string, Ranked>, item: Ranked, priority: number | undefined): void {
  const others = byPriority(items).filter(({ id }) => id !== item.id);
  const index = Math.min((priority ?? others.length + 1) - 1, others.length);
  number([...others.slice(0, index), item, ...others.slice(index)]);
}

export const renumber = (items: ReadonlyMap<string, Ranked>): void => {
  number(byPriority(items));
};

function number(ranked: readonly Ranked[]): void {
  ranked.forEach((item, position) => {
    item.priority = position + 1;
  });
}
