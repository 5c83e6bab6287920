import { TransportError } from "../ports/http-transport.ts";
import { ProviderError, type ProviderErrorCode } from "../ports/provider-error.ts";

/**
 * What no usable answer means, wherever an SDK wrapped it: nothing was sent, or nobody knows what came of it.
 * `undefined` when there was an answer. `server` is how people call the server that was asked.
 */
export function unreachable(error: unknown, server: string, isWrite: boolean): ProviderError | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof ProviderError) return current;
    if (current instanceof TransportError) return providerErrorOf(current, server, isWrite);
  }
  return undefined;
}

/** What a server did with a request that it answered with a failure, for messages. */
export const verbOf = (code: ProviderErrorCode): string =>
  code === "unavailable" || code === "ambiguous" ? "could not carry out" : "refused";

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** The answer was there and says nothing that can be used. */
const UNUSABLE: ReadonlySet<string> = new Set(["too_large", "unreadable"]);

function providerErrorOf(transport: TransportError, server: string, isWrite: boolean): ProviderError {
  if (transport.reason === "refused_host")
    return new ProviderError("invalid", `${capitalized(transport.message)}.`, { cause: transport });
  const { retryAfterMs } = transport;
  if (transport.reason === "rate_limited")
    return new ProviderError("rate_limited", `${server}'s rate limit is used up.`, {
      cause: transport,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  const isInterrupted = transport.reason === "closed";
  const what = UNUSABLE.has(transport.reason) ? "gave no usable answer" : "could not be reached";
  const message = `${server} ${what}: ${transport.message}.`;
  return new ProviderError(transport.sent && isWrite ? "ambiguous" : "unavailable", message, {
    cause: transport,
    isInterrupted,
    isAnswer: true,
  });
}
