/** When rotations that people requested began, by the uid of the client; the latest last, in milliseconds. */
export type RequestedRotations = Map<string, readonly number[]>;

/**
 * Rotations on request, or after a compromise, that one client may begin within `WINDOW_MS`. Each costs the tenant five to
 * ten requests; more of them within minutes are a program that repeats itself. The requests that come meanwhile are one.
 */
const MAX_IN_WINDOW = 5;
const WINDOW_MS = 5 * 60_000;

type Remembered = { readonly requestedRotations: RequestedRotations };

/** Called when such a rotation begins. */
export function noteRequestedRotation({ requestedRotations }: Remembered, uid: string, now: Date): void {
  requestedRotations.set(uid, [...recentOf(requestedRotations, uid, now), now.getTime()]);
}

/** When the next such rotation of the client may begin; `undefined`: at once. */
export function requestedRotationAllowedAt(
  { requestedRotations }: Remembered,
  uid: string,
  now: Date,
): Date | undefined {
  const recent = recentOf(requestedRotations, uid, now);
  const oldest = recent[recent.length - MAX_IN_WINDOW];
  return oldest === undefined ? undefined : new Date(oldest + WINDOW_MS);
}

function recentOf(requestedRotations: RequestedRotations, uid: string, now: Date): readonly number[] {
  return (requestedRotations.get(uid) ?? []).filter((at) => at > now.getTime() - WINDOW_MS);
}
