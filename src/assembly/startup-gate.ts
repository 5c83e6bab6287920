import { textOfKey, type ObjectKey } from "../controller/object-key.ts";
import type { Clock } from "../ports/clock.ts";
import type { Waiting } from "../work/order.ts";

/** Holds back passes that would only find that their tenant is being connected. */
export interface StartupGate {
  mayStart(item: Pick<Waiting, "lane" | "workClass">): boolean;
  /** A pass over this object has ended, whatever came of it. */
  ended(key: ObjectKey): void;
  /** Holds nothing back any more, and forgets its timer. */
  open(): void;
}

export interface StartupGateParts {
  /** Provider objects that nobody has worked on yet. */
  readonly providers: readonly ObjectKey[];
  readonly clock: Pick<Clock, "after">;
  /** Called when what `mayStart` answers has changed. */
  readonly onChange: () => void;
}

/**
 * No first pass over a provider object holds its resources back longer, in milliseconds. A tenant that does not answer ends
 * it far earlier; the listing of 10,000 clients takes a minute at Auth0, which allows 100 pages a minute.
 */
const LONGEST_MS = 120_000;

/**
 * When the workers begin, nobody is connected. Resources that did not change wait for the first pass over their provider
 * object, so that they have one pass and not two. What is more urgent than `resync` never waits here.
 */
export function createStartupGate({ providers, clock, onChange }: StartupGateParts): StartupGate {
  const closed = new Set(providers.map(textOfKey));
  const open = (): void => {
    cancel();
    closed.clear();
  };
  const cancel = clock.after(LONGEST_MS, () => {
    closed.clear();
    onChange();
  });
  return {
    mayStart: ({ lane, workClass }) => workClass !== "resync" || !closed.has(lane),
    ended: (key) => {
      if (!closed.delete(textOfKey(key))) return;
      if (closed.size === 0) cancel();
      onChange();
    },
    open,
  };
}
