import { TransportError } from "../ports/http-transport.ts";
import { ProviderError } from "../ports/provider-error.ts";

/**
 * What no answer means, wherever an SDK wrapped it: nothing was sent, or nobody knows what came of it. `undefined` when
 * there was an answer. `server` is how people call whoever was asked.
 */
export function unreachable(error: unknown, server: string, isWrite: boolean): ProviderError | undefined {
  const transport = transportErrorIn(error);
  if (transport === undefined) return undefined;
  if (transport.reason === "refused_host")
    return new ProviderError("invalid", `${transport.message}.`, { cause: transport });
  const { retryAfterMs } = transport;
  if (transport.reason === "rate_limited")
    return new ProviderError("rate_limited", `${server}'s rate limit left no room.`, {
      cause: transport,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  const message = `${server} could not be reached: ${transport.message}.`;
  return new ProviderError(transport.sent && isWrite ? "ambiguous" : "unavailable", message, { cause: transport });
}

function transportErrorIn(error: unknown): TransportError | undefined {
  for (let current = error; current instanceof Error; current = current.cause)
    if (current instanceof TransportError) return current;
  return undefined;
}
