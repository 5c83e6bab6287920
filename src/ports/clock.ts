/** Time, timers and chance, handed in so that every run can be repeated. */
export interface Clock {
  now(): Date;
  /**
   * Milliseconds since some moment in the past. Never goes back, and is not set: for measuring how long something takes
   * or waits, which `now` cannot tell when somebody corrects the time of day.
   */
  monotonicMs(): number;
  /** Calls `fn` once after so many milliseconds, unless cancelled. */
  after(ms: number, fn: () => void): Cancel;
  /** From 0 inclusive to 1 exclusive. */
  random(): number;
}

export type Cancel = () => void;
