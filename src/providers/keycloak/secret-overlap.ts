import type { Clock } from "../../ports/clock.ts";
import type { Capabilities, Ref } from "../../ports/provider.ts";

/** Feature of the server that lets a client have a second secret, where a policy of the realm allows it. */
export const FEATURE = "CLIENT_SECRET_ROTATION";

/** A realm's policies may change, and nobody tells. */
const REFUSED_FOR_MS = 86_400_000;

/** Which clients can have two secrets at a time, as far as it is known. */
export interface SecretOverlap {
  /** As the server's own list of features says. */
  offer(isOn: boolean): void;
  isOffered(): boolean;
  /** No policy of the realm lets this client have two. Tried again after a day. */
  refuse(ref: Ref): void;
  isRefused(ref: Ref): boolean;
}

export function createSecretOverlap({ now }: Pick<Clock, "now">): SecretOverlap {
  const refused = new Map<Ref, Date>();
  let isOn = false;
  return {
    offer: (isOnNow) => {
      if (isOnNow && !isOn) refused.clear();
      isOn = isOnNow;
    },
    isOffered: () => isOn,
    refuse: (ref) => refused.set(ref, now()),
    isRefused: (ref) => {
      const at = refused.get(ref);
      return at !== undefined && now().getTime() < at.getTime() + REFUSED_FOR_MS;
    },
  };
}

/** Two secrets of a client work at a time where the server that was probed has that feature. */
export const capabilitiesWith = (one: Capabilities, overlap: Pick<SecretOverlap, "isOffered">): Capabilities => ({
  ...one,
  get secretOverlap() {
    return overlap.isOffered() ? "full" : one.secretOverlap;
  },
});
