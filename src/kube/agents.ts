import { createSecureContext, type SecureContext } from "node:tls";
import { Agent, type Dispatcher } from "undici";

/** Connections of their own, so that a stuck watch or a full pool does not hold up a lease. */
export type Lane = "requests" | "watches" | "lease";

export type TlsMaterial = Readonly<Record<string, unknown>>;

export type Lanes = Readonly<Record<Lane, Dispatcher>>;

export interface Agents {
  /** The connections for this TLS material. Those of an earlier one end with the requests that use them. */
  for(tls: TlsMaterial): Lanes;
  /** Ends all of them, and every request on them, at once. */
  close(): Promise<void>;
}

const MAX_REQUESTS_AT_ONCE = 32;
/** One that renews and one for the try after it, when the first one hangs. */
const MAX_LEASE_REQUESTS_AT_ONCE = 2;

export function createAgents(): Agents {
  const open = new Set<Lanes>();
  let current: { readonly material: string; readonly lanes: Lanes } | undefined;
  return {
    for: (tls) => {
      const material = JSON.stringify(tls);
      if (current?.material === material) return current.lanes;
      if (current !== undefined) retire(current.lanes, open);
      current = { material, lanes: lanesOf(tls) };
      open.add(current.lanes);
      return current.lanes;
    },
    close: async () => {
      const all = [...open].flatMap((lanes) => Object.values(lanes));
      await Promise.all(all.map((agent) => agent.destroy()));
    },
  };
}

/** HTTP/1.1 on purpose: one dead HTTP/2 connection would stop every watch and every request at once. */
function lanesOf(tls: TlsMaterial): Lanes {
  const options = { allowH2: false, connect: { ...tls, ...contextOf(tls), timeout: 10_000 } };
  return {
    requests: new Agent({ ...options, connections: MAX_REQUESTS_AT_ONCE, keepAliveTimeout: 30_000 }),
    // Every watch holds a connection for as long as it is open, so that a limit here would keep some from ever opening.
    // A body may be silent for as long as the watch itself allows.
    watches: new Agent({ ...options, connections: null, bodyTimeout: 0 }),
    lease: new Agent({ ...options, connections: MAX_LEASE_REQUESTS_AT_ONCE, keepAliveTimeout: 30_000 }),
  };
}

/** Read once, and not again for every connection. What cannot be read fails there, where the failure has a name. */
function contextOf(tls: TlsMaterial): { readonly secureContext?: SecureContext } {
  try {
    return { secureContext: createSecureContext(tls) };
  } catch {
    return {};
  }
}

function retire(lanes: Lanes, open: Set<Lanes>): void {
  const forget = (): void => {
    open.delete(lanes);
  };
  Promise.all(Object.values(lanes).map((agent) => agent.close())).then(forget, forget);
}
