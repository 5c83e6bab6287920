import type { Renewable } from "./held-token.ts";
import type { ProviderError } from "../ports/provider-error.ts";

/** Runs a call of an SDK; `isWrite` tells whether something may have happened when it fails. */
export type Run = <T>(call: () => Promise<T>, isWrite: boolean) => Promise<T>;

/** Errors come out translated, and with a credential that was refused the call is tried once more with a fresh one. */
export function refusedOnce(
  translate: (error: unknown, isWrite: boolean) => ProviderError,
  credential: Renewable,
): Run {
  return async (call, isWrite) => {
    const generation = credential.generation();
    try {
      return await call();
    } catch (error) {
      const translated = translate(error, isWrite);
      // Refused before anything was done: safe to repeat, whatever the method.
      const isRefused = translated.code === "unauthorized" || translated.code === "forbidden";
      if (!isRefused || !credential.drop(generation)) throw translated;
    }
    try {
      return await call();
    } catch (error) {
      throw translate(error, isWrite);
    }
  };
}
