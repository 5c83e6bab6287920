export interface Call {
  readonly n: number;
  readonly at: string;
  readonly tenant: "auth0" | "okta";
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Client id of the token that the call came with. */
  readonly tokenClient: string | undefined;
  /** Milliseconds from `at` to the answer. */
  readonly tookMs: number;
  /** Port of the other end of the connection that the call came over; 0 when that is gone. */
  readonly callerPort: number;
}

export interface CallLog {
  add(call: Omit<Call, "n">): void;
  since(n: number): readonly Call[];
  /** Called with each call that was carried out, before its answer is sent. */
  onCall(listener: (call: Call) => void): void;
  clear(): void;
}

const KEPT = 200_000;

export function createCallLog(): CallLog {
  let calls: Call[] = [];
  let count = 0;
  const listeners: ((call: Call) => void)[] = [];
  return {
    add: (call) => {
      count += 1;
      const entry = { n: count, ...call };
      calls.push(entry);
      for (const listener of listeners) listener(entry);
      if (calls.length > KEPT) calls = calls.slice(-KEPT / 2);
    },
    onCall: (listener) => {
      listeners.push(listener);
    },
    since: (n) => calls.filter((call) => call.n > n),
    clear: () => {
      calls = [];
    },
  };
}
