/** A token that was requested to try a credential. */
export interface Trial {
  /** Of the client whose credential was tried. */
  readonly namespace: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The tokens of the last hour that were requested to try credentials, by the uid of the provider object. */
export type Verifications = Map<string, readonly Trial[]>;

const HOUR_MS = 3_600_000;

/** Those that still count at `now`, in milliseconds since the epoch. */
export const recentTrials = (trials: readonly Trial[], now: number): readonly Trial[] =>
  trials.filter(({ at }) => at > now - HOUR_MS);

/**
 * When a namespace may request its next token, in milliseconds since the epoch: `now`, or later. At a provider that others
 * may use, one namespace has at most half of what they left of the hour, so that a namespace without a trial yet finds one.
 */
export function nextTrialAt(
  trials: readonly Trial[],
  {
    namespace,
    perHour,
    isShared,
  }: { readonly namespace: string; readonly perHour: number; readonly isShared: boolean },
  now: number,
): number {
  const isFree = (at: number): boolean => {
    const counted = recentTrials(trials, at);
    const own = counted.filter((trial) => trial.namespace === namespace).length;
    const left = perHour - (counted.length - own);
    return own < (isShared ? Math.ceil(left / 2) : left);
  };
  const times = [now, ...recentTrials(trials, now).map(({ at }) => at + HOUR_MS)].sort((a, b) => a - b);
  return times.find(isFree) ?? now + HOUR_MS;
}
