import { ProviderError } from "../ports/provider-error.ts";

const CODES: ReadonlySet<string> = new Set(["forbidden", "role_missing", "not_licensed"]);

/** Whether a read was refused for what it is about, so that another read may succeed, and a quick retry of this one cannot. */
export const isRefused = (error: unknown): error is ProviderError =>
  error instanceof ProviderError && CODES.has(error.code);

/** For people: what went wrong. Errors of others may quote what they choked on. */
export const reasonOf = (error: unknown): string =>
  error instanceof ProviderError ? error.message : "it could not be read";
