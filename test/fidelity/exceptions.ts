/** Exchanges that the sandbox answers differently, each with the reason. `of` is part of the test's name. */
export const EXCEPTIONS: readonly { readonly of: string; readonly why: string }[] = [];
