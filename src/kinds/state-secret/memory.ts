import type { RememberedState } from "./facts.ts";

/** Non-secret facts of state Secrets, by namespace and name. */
export type RememberedStates = Map<string, RememberedState>;
