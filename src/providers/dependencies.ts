import type { Clock } from "../ports/clock.ts";
import type { Fetch } from "../ports/http-transport.ts";
import type { ReadServiceAccountToken } from "../ports/service-account-token.ts";

/** What every adapter is given. */
export interface ProviderDependencies {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Longest one request may take once it is sent, in milliseconds. */
  readonly timeoutMs: number;
  /** How much longer than that a request without answer may still take effect, in milliseconds. */
  readonly settleMs: number;
  /** What we allow ourselves of the limit of this name (`limitsOf`) now, in requests per second. */
  readonly allowedPerSecond: (bucket: string) => number;
  /** Begins work that nobody waits for, no matter who requests it: its requests give way to all others. */
  readonly inBackground: (begin: () => void) => void;
  /** Tells the people who operate this that something was left out; `about` names it. No values of credentials. */
  readonly warn: (message: string, about: Readonly<Record<string, string>>) => void;
  /** Nothing will be written: fewer permissions are needed, and no secret is read. */
  readonly isReadOnly: boolean;
  /** Present where the provider object names no Secret: the operator authenticates with its own service account. */
  readonly readServiceAccountToken?: ReadServiceAccountToken;
  /** Keyed with a value that lives as long as the process. */
  readonly fingerprint: (value: string) => string;
}
