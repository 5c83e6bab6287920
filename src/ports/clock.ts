/** Time, timers and chance, handed in so that every run can be repeated. */
export interface Clock {
  now(): Date;
  /** Calls `fn` once after so many milliseconds, unless cancelled. */
  after(ms: number, fn: () => void): Cancel;
  /** From 0 inclusive to 1 exclusive. */
  random(): number;
}

export type Cancel = () => void;
