import type { Renewable } from "./held-token.ts";
import type { ProviderError } from "../ports/provider-error.ts";

/** Runs a call of an SDK; `isWrite` tells whether something may have happened when it fails. */
export type Run = <T>(call: () => Promise<T>, isWrite: boolean) => Promise<T>;

/** A call meets at most so many tokens: each may be revoked while the call is on its way. */
const MOST_TRIES = 3;

/** Errors come out translated, and a call that was refused is tried again while there is another credential to try. */
export function refusedOnce(
  translate: (error: unknown, isWrite: boolean) => ProviderError,
  credential: Renewable,
): Run {
  return async (call, isWrite) => {
    for (let tries = 1; ; tries++) {
      const generation = credential.generation();
      try {
        return await call();
      } catch (error) {
        const translated = translate(error, isWrite);
        const because = REFUSED_FOR[translated.code];
        // Refused before anything was done: safe to repeat, whatever the method.
        if (because === undefined || tries >= MOST_TRIES || !credential.drop(generation, because)) throw translated;
      }
    }
  };
}

const REFUSED_FOR: Partial<Record<ProviderError["code"], "credential" | "permission">> = {
  unauthorized: "credential",
  forbidden: "permission",
};
