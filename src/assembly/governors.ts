import type { Clock } from "../ports/clock.ts";
import type { LimitBucket } from "../ports/http-transport.ts";
import { createGovernor, type Governor } from "../tenant/governor.ts";
import { LONGEST_PAUSE_MS } from "../tenant/retry-after.ts";

export interface GovernorRequest {
  /** A fingerprint of tenant and credential. Anyone who was not given the credential cannot join and slow others down. */
  readonly credential: string;
  /** What people call the tenant. */
  readonly tenant: string;
  readonly limits: readonly LimitBucket[];
  /** Percent of the limits. */
  readonly share: number;
}

/** One governor for each credential that a connection uses. */
export interface Governors {
  /** Configures the governor of this credential again. `release` must follow when the connection is closed. */
  take(request: GovernorRequest): { readonly governor: Governor; readonly release: () => void };
  /** Those in use. */
  list(): readonly { readonly tenant: string; readonly governor: Governor }[];
  /** Number of those that are remembered. */
  size(): number;
}

interface Entry {
  readonly tenant: string;
  readonly governor: Governor;
  users: number;
  /** Milliseconds of the monotonic clock. */
  unusedSince: number;
}

/** What the tenant announced to a connection still holds for the one that is made in its place: for this long, at most. */
const REMEMBERED_MS = LONGEST_PAUSE_MS;

/** `onTenantGone`: no connection has used the tenant for a while. */
export function createGovernors(clock: Clock, onTenantGone: (tenant: string) => void): Governors {
  const entries = new Map<string, Entry>();
  const forgetUnused = (): void => {
    for (const [credential, { tenant, users, unusedSince }] of [...entries]) {
      if (users > 0 || clock.monotonicMs() - unusedSince < REMEMBERED_MS) continue;
      entries.delete(credential);
      if (![...entries.values()].some((other) => other.tenant === tenant)) onTenantGone(tenant);
    }
  };
  return {
    take: ({ credential, tenant, limits, share }) => {
      const known = entries.get(credential);
      const entry = known ?? { tenant, governor: createGovernor(clock, limits, share), users: 0, unusedSince: 0 };
      if (known !== undefined) entry.governor.configure(limits, share);
      entry.users += 1;
      entries.set(credential, entry);
      forgetUnused();
      let isReleased = false;
      const release = (): void => {
        if (isReleased) return;
        isReleased = true;
        entry.users -= 1;
        entry.unusedSince = clock.monotonicMs();
      };
      return { governor: entry.governor, release };
    },
    list: () => {
      forgetUnused();
      return [...entries.values()].filter(({ users }) => users > 0);
    },
    size: () => entries.size,
  };
}
