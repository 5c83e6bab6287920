import type { Unreadable } from "../ports/provider.ts";
import { oldestOf } from "../tenant/oldest.ts";
import type { ProviderError } from "../ports/provider-error.ts";
import { isRefused } from "./refused.ts";

/** What is needed of a listing to refresh it with others. */
interface Refreshable {
  refresh(notBefore: Date): Promise<void>;
  listedAt(): Date | undefined;
}

/** The listings of one tenant. One that is refused does not keep the others from being read. */
export interface Listings {
  /** Rejects when one of them fails otherwise than by being refused, or when all are refused. */
  refresh(notBefore: Date): Promise<void>;
  /** Start of the oldest reading of those that can be read; `undefined` while one of them was never read. */
  refreshedAt(): Date | undefined;
  /** The oldest read of everything that answers rely on, including parts that the tenant now refuses to show. */
  oldestReadAt(): Date | undefined;
  unreadable(): readonly Unreadable[];
}

/** By the names that people know them by. `onRefused` is called when one that could be read can be no longer. */
export function createListings(
  listings: Readonly<Record<string, Refreshable>>,
  onRefused: (refused: Unreadable) => void,
): Listings {
  const refused = new Map<string, string>();
  const entries = Object.entries(listings);
  /** Returns what it was refused with. */
  const refreshOne = async (
    name: string,
    listing: Refreshable,
    notBefore: Date,
  ): Promise<ProviderError | undefined> => {
    try {
      await listing.refresh(notBefore);
      refused.delete(name);
      return undefined;
    } catch (error) {
      if (!isRefused(error)) throw error;
      const isNew = !refused.has(name);
      refused.set(name, error.message);
      if (isNew) onRefused({ what: name, why: error.message });
      return error;
    }
  };
  return {
    refresh: async (notBefore) => {
      const refusals = await Promise.all(entries.map(([name, listing]) => refreshOne(name, listing, notBefore)));
      const [first] = refusals;
      if (first !== undefined && refusals.every((refusal) => refusal !== undefined)) throw first;
    },
    refreshedAt: () =>
      oldestOf(entries.filter(([name]) => !refused.has(name)).map(([, listing]) => listing.listedAt())),
    oldestReadAt: () =>
      oldestOf(
        entries.flatMap(([name, listing]) => {
          const listedAt = listing.listedAt();
          return listedAt === undefined && refused.has(name) ? [] : [listedAt];
        }),
      ),
    unreadable: () => [...refused].map(([what, why]) => ({ what, why })),
  };
}
