import type { Fetch } from "../../ports/http-transport.ts";

/**
 * `fetch` as the SDK needs it. The SDK has a timer for each call, which it clears once `fetch` resolves, and keeps for its
 * whole time where `fetch` rejects. So a failed call resolves, and rejects when the body is read, with the same error.
 */
export function sdkFetch(fetch: Fetch): Fetch {
  return async (input, init) => {
    try {
      return await fetch(input, init);
    } catch (error) {
      return new Response(unreadableBody(error));
    }
  };
}

const unreadableBody = (error: unknown): ReadableStream =>
  new ReadableStream({
    start: (controller) => {
      controller.error(error);
    },
  });
