/** The earliest of several reads; `undefined` when one of them was never made. */
export function oldestOf(times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.flatMap((time) => (time === undefined ? [] : [time.getTime()]));
  return known.length < times.length || known.length === 0 ? undefined : new Date(Math.min(...known));
}
