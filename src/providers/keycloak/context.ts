import type { Clock } from "../../ports/clock.ts";
import type { Fetch } from "../../ports/http-transport.ts";
import type { Drift } from "../../ports/provider.ts";
import type { SecretOverlap } from "./secret-overlap.ts";
import type { Session } from "./session.ts";
import type { KeycloakSettings } from "./settings.ts";

/** What the parts of this adapter share. */
export interface KeycloakContext {
  readonly settings: KeycloakSettings;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly session: Session;
  /** Client ID of the operator's own client. Without a Secret it is empty until the first token. */
  readonly ownClientId: () => string;
  readonly overlap: SecretOverlap;
  readonly settleMs: number;
  /** Nothing is written and no secret is read. */
  readonly isReadOnly: boolean;
  fingerprint(value: string): string;
  onDrift(drift: Drift): void;
}
