import type { Clock } from "../../ports/clock.ts";
import type { Fetch } from "../../ports/http-transport.ts";
import type { Drift } from "../../ports/provider.ts";
import type { Sdk } from "./sdk.ts";
import type { Session } from "./session.ts";
import type { OktaSettings } from "./settings.ts";

/** What the parts of this adapter share. */
export interface OktaContext {
  readonly settings: OktaSettings;
  /** Without the operator's credential: for public documents and the workloads' own tokens. */
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly sdk: Sdk;
  readonly session: Session;
  /** For how long a read that does not show what was just written is not believed, in milliseconds. */
  readonly settleMs: number;
  /** How long after a write without answer it may still take effect, in milliseconds. */
  readonly outcomeMs: number;
  /** Nothing is written and no secret is read. */
  readonly isReadOnly: boolean;
  fingerprint(value: string): string;
  warn(message: string, about: Readonly<Record<string, string>>): void;
  onDrift(drift: Drift): void;
}
