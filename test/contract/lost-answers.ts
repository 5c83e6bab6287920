import { type Fetch, TransportError } from "../../src/ports/http-transport.ts";

/** Faults between an adapter and a real server, which has no switch for them. Token requests pass. */
export interface Faults {
  /** Stands in the way of the adapter's requests. */
  readonly between: (fetch: Fetch) => Fetch;
  /** The next request with this method is performed, and its answer lost. */
  readonly loseNextAnswer: (method: string) => void;
  readonly failNext: (method: string, status: number, times?: number) => void;
}

interface Fault {
  readonly method: string;
  /** `undefined`: the answer is lost. */
  readonly status: number | undefined;
  times: number;
}

export function createFaults(): Faults {
  const faults: Fault[] = [];
  const next = (method: string): Fault | undefined => {
    const fault = faults.find((each) => each.method === method && each.times > 0);
    if (fault !== undefined) fault.times -= 1;
    return fault;
  };
  return {
    between: (fetch) => async (input, init) => {
      const isAdmin = new URL(new Request(input).url).pathname.includes("/admin/");
      const fault = isAdmin ? next((init?.method ?? "GET").toUpperCase()) : undefined;
      if (fault?.status !== undefined) return Response.json({}, { status: fault.status });
      const answer = await fetch(input, init);
      if (fault === undefined) return answer;
      throw new TransportError("network", "the connection was lost", { sent: true });
    },
    loseNextAnswer: (method) => {
      faults.push({ method, status: undefined, times: 1 });
    },
    failNext: (method, status, times = 5) => {
      faults.push({ method, status, times });
    },
  };
}
