import { Agent, fetch } from "undici";

/** A tenant as people work in its console, and as workloads ask it for tokens. */
export interface TenantSubject {
  /** Makes clients, APIs and access at random, also for those that the operator made. */
  fillByHand(random: Random): Promise<void>;
  /** Client IDs and audiences of everything that is there. */
  clientIds(): readonly string[];
  audiences(): readonly string[];
  /** The scopes for which the client gets a token, sorted. `undefined`: it gets none. */
  askedScopes(clientId: string, audience: string): Promise<readonly string[] | undefined>;
  close(): Promise<void>;
}

/** Repeatable chance. */
export interface Random {
  below(limit: number): number;
  chance(percent: number): boolean;
  pick<T>(items: readonly T[]): T;
  some<T>(items: readonly T[]): readonly T[];
}

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick: (items) => {
      const picked = items[below(items.length)];
      if (picked === undefined) throw new Error("there is nothing to pick from");
      return picked;
    },
    some: (items) => items.filter(() => next() < 0.5),
  };
}

/** Asks a token endpoint as a workload does. */
export interface TokenClient {
  ask(url: string, form: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly scope: string | undefined;
}

export function tokenClient(caPem: string): TokenClient {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  return {
    ask: async (url, form, headers = {}) => {
      const body = new URLSearchParams({ grant_type: "client_credentials", ...form });
      const answer = await fetch(url, { method: "POST", dispatcher, body, headers });
      const { scope } = (await answer.json()) as { readonly scope?: string };
      return { status: answer.status, scope };
    },
    close: () => dispatcher.close(),
  };
}

export const numbered = (count: number, name: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${String(index)}`);

/** How the client authenticates: in the body of the request, or in its header. */
export function credentialOf(clientId: string, secret: string, method: string | undefined) {
  if (method !== "client_secret_basic")
    return { credential: { client_id: clientId, client_secret: secret }, headers: {} };
  const basic = Buffer.from(`${clientId}:${secret}`).toString("base64");
  return { credential: {}, headers: { authorization: `Basic ${basic}` } };
}
