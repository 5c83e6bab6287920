/** Characters of one template. */
export const MAX_LENGTH = 8192;

/** Characters of all templates of one Secret. */
export const MAX_TOTAL_LENGTH = 65_536;
