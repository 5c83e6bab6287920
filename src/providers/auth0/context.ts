import type { Clock } from "../../ports/clock.ts";
import type { Fetch } from "../../ports/http-transport.ts";
import type { Drift } from "../../ports/provider.ts";
import type { Session } from "./session.ts";
import type { Auth0Settings } from "./settings.ts";
import type { TokenSource } from "./token-source.ts";

/** What the parts of this adapter share. */
export interface Auth0Context {
  readonly settings: Auth0Settings;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly tokens: TokenSource;
  readonly session: Session;
  /** Options of every SDK client: no retries of its own, our transport beneath. */
  readonly options: {
    readonly baseUrl: string;
    readonly token: () => Promise<string>;
    readonly fetch: typeof fetch;
    readonly maxRetries: 0;
    readonly timeoutInSeconds: number;
  };
  readonly settleMs: number;
  /** Nothing is written and no secret is read. */
  readonly isReadOnly: boolean;
  fingerprint(value: string): string;
  warn(message: string, about: Readonly<Record<string, string>>): void;
  onDrift(drift: Drift): void;
}
