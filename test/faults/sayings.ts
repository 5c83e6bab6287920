/** What one write of status said of one object. */
export interface Saying {
  /** Plural of the kind and name. */
  readonly of: string;
  readonly name: string;
  readonly conditions: readonly SaidCondition[];
  readonly observedGeneration: number | undefined;
}

export interface SaidCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** Reads what a request to the API server says, if it is a write of status. */
export function sayingsIn(method: string, url: string, body: string): readonly Saying[] {
  const [path = ""] = url.split("?");
  const [, plural, name] = /\/([a-z0-9]+)\/([^/]+)\/status$/.exec(path) ?? [];
  if (method !== "PUT" || plural === undefined || name === undefined) return [];
  const { status } = JSON.parse(body) as {
    readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly SaidCondition[] };
  };
  return [
    {
      ...{ of: plural, name, conditions: status?.conditions ?? [] },
      observedGeneration: status?.observedGeneration,
    },
  ];
}

/** Whether an object was said to be good. */
export const saidReady = ({ conditions }: Saying): boolean =>
  conditions.some(({ type, status }) => type === "Ready" && status === "True");
