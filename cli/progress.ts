/** How far an object is on its way to what was requested. */
export interface Progress {
  /** `stuck`: a person must act. */
  readonly state: "waiting" | "stuck" | "done";
  /** For people: what it waits for, or how it ended. */
  readonly text: string;
}
