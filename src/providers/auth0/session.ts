import { refusedOnce } from "../../oauth/refused-once.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { UNSETTLED_RETRY_MS, Unsettled } from "../../tenant/listing.ts";
import { providerErrorOf } from "./errors.ts";
import type { TokenSource } from "./token-source.ts";

/** Runs calls of the SDK: errors come out translated, and a token that was refused is replaced once. */
export interface Session {
  read<T>(call: () => Promise<T>): Promise<T>;
  write<T>(call: () => Promise<T>): Promise<T>;
}

/** `clientId`: of the operator's application, for messages. */
export function createSession(tokens: TokenSource, clientId: string): Session {
  const run = refusedOnce((error, isWrite) => translate(error, isWrite, clientId), tokens);
  return { read: (call) => run(call, false), write: (call) => run(call, true) };
}

function translate(error: unknown, isWrite: boolean, clientId: string): ProviderError {
  if (error instanceof Unsettled)
    return new ProviderError("unavailable", "Auth0 does not show yet what was just written.", {
      retryAfterMs: UNSETTLED_RETRY_MS,
    });
  return providerErrorOf(error, isWrite, clientId);
}

/** A read of one object that may be gone. */
export async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as { readonly statusCode?: unknown }).statusCode === 404) return undefined;
    throw error;
  }
}
