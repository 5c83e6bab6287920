/** `1 client`, `3 clients`. `more`: the words for another number than one. */
export const counted = (count: number, one: string, more = `${one}s`): string =>
  `${String(count)} ${count === 1 ? one : more}`;
