const ENTITIES: Readonly<Record<string, string>> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" },
};

/** Text for an element or a quoted attribute. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

/** A name that somebody else chose: it cannot change the direction of the text around it. */
export const named = (text: string): string => `<bdi>${escaped(text)}</bdi>`;

/** JSON within a script element, which nothing in it can end. */
export const embedded = (value: unknown): string => JSON.stringify(value).replaceAll("<", String.raw`\u003c`);
