export interface Call {
  readonly n: number;
  readonly at: string;
  readonly tenant: "auth0" | "okta";
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Client id of the token that the call came with. */
  readonly tokenClient: string | undefined;
}

export interface CallLog {
  add(call: Omit<Call, "n">): void;
  since(n: number): readonly Call[];
  clear(): void;
}

const KEPT = 200_000;

export function createCallLog(): CallLog {
  let calls: Call[] = [];
  let count = 0;
  return {
    add: (call) => {
      count += 1;
      calls.push({ n: count, ...call });
      if (calls.length > KEPT) calls = calls.slice(-KEPT / 2);
    },
    since: (n) => calls.filter((call) => call.n > n),
    clear: () => {
      calls = [];
    },
  };
}
