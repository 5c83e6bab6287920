/** Who may not read secrets is shown nothing, or asterisks. */
export const isShown = (value: string | null | undefined): value is string => value != null && !/^\**$/.test(value);
