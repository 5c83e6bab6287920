import { ProviderError } from "../../ports/provider-error.ts";
import { UNSETTLED_RETRY_MS } from "../../tenant/listing.ts";
import type { OktaContext } from "./context.ts";
import { timeOf } from "./documents.ts";

/** One object at the org that is to go. */
export interface Removal {
  /** For people. */
  readonly what: string;
  /** As it was read last: what is active is deactivated first, since Okta deletes nothing that is in use. */
  readonly isActive: boolean;
  /** Absent where there is no such step. */
  readonly deactivate?: () => Promise<unknown>;
  readonly remove: () => Promise<unknown>;
  /** Reads the object by itself; `undefined` when it is gone. Throws while a read may not show it yet. */
  readonly read: () => Promise<{ readonly isActive: boolean } | undefined>;
}

/**
 * Removes one object. An answer that there is no such object (404) is believed once a read of the object says so as well:
 * Okta answers 404 too while it does not show everywhere what was just made. Throws `unavailable` until then.
 */
export async function removeSeen({ session }: Pick<OktaContext, "session">, removal: Removal): Promise<void> {
  const { what, isActive, deactivate, remove, read } = removal;
  /** Returns whether there was anything to do it with. */
  const step = async (call: () => Promise<unknown>): Promise<boolean> => {
    try {
      await session.write(call);
      return true;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if ((await read()) === undefined) return false;
      throw new ProviderError("unavailable", `Okta answered 404 about ${what}, which exists.`);
    }
  };
  if (isActive && deactivate !== undefined && !(await step(deactivate))) return;
  try {
    await step(remove);
  } catch (error) {
    // Somebody may have activated it since it was read.
    if (isActive || deactivate === undefined || !isRefused(error) || (await read())?.isActive !== true) throw error;
    if (await step(deactivate)) await step(remove);
  }
}

/** Reads what no listing holds. `created`: as Okta tells it; what is younger than the settle time may not be shown yet. */
export const readByPath =
  ({ session, clock, settleMs }: OktaContext, path: string, created?: Date | string | null): Removal["read"] =>
  async () => {
    const document = await session.readRaw(path);
    if (document !== undefined) return { isActive: document["status"] === "ACTIVE" };
    if (created != null && Math.abs(clock.now().getTime() - timeOf(created)) < settleMs)
      throw new ProviderError("unavailable", "Okta does not show yet what was just written.", {
        retryAfterMs: UNSETTLED_RETRY_MS,
      });
    return undefined;
  };

export const isNotFound = (error: unknown): boolean => error instanceof ProviderError && error.code === "not_found";

const isRefused = (error: unknown): boolean =>
  error instanceof ProviderError && ["invalid", "forbidden", "role_missing"].includes(error.code);
