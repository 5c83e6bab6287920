import type { Probe, Provider } from "../ports/provider.ts";
import type { Failure, Trouble } from "../ports/tenant-trouble.ts";

/** A provider object whose credential was read and, once `probe` is there, proved. */
export interface Connection {
  readonly provider: Provider;
  /** Generation of the provider object and version of its credentials Secret that this connection was made from. */
  readonly madeFrom: string;
  readonly connectedAt: Date;
  readonly probe: Probe | undefined;
  readonly probedAt: Date | undefined;
}

/**
 * The live connections, by the uid of the provider object: never shared between objects, even of one tenant, because
 * each may have been given a credential with other permissions. What is known of the tenant outlives its connection,
 * until `forget`.
 */
export interface Connections {
  get(uid: string): Connection | undefined;
  /** Replaces and closes the previous connection of this object. */
  set(uid: string, connection: Connection): void;
  /** Closes it; nothing happens when there is none. */
  remove(uid: string): void;
  list(): readonly { readonly uid: string; readonly connection: Connection }[];
  /** Start of the last read of the tenant that succeeded, whichever connection it was made with. */
  lastReadAt(uid: string): Date | undefined;
  /** `undefined` since the tenant was read last. */
  failureOf(uid: string): Failure | undefined;
  /** A try that began `at` failed. */
  fail(uid: string, trouble: Trouble, at: Date): void;
  /** The tenant was read. */
  succeed(uid: string): void;
  /** When a request of somebody else failed, so that the provider object has reason to try for itself. */
  doubtedAt(uid: string): Date | undefined;
  doubt(uid: string, at: Date): void;
  /** The provider object is gone: closes the connection and keeps nothing. */
  forget(uid: string): void;
  /** Provider objects of which anything is known. */
  size(): number;
}

interface Known {
  readonly lastReadAt?: Date | undefined;
  readonly failure?: Failure | undefined;
  readonly doubtedAt?: Date | undefined;
}

export function createConnections(): Connections {
  const byUid = new Map<string, Connection>();
  const knownOf = new Map<string, Known>();
  const note = (uid: string, news: Known): void => {
    knownOf.set(uid, { ...knownOf.get(uid), ...news });
  };
  const lastReadAt = (uid: string): Date | undefined =>
    laterOf(byUid.get(uid)?.provider.refreshedAt(), knownOf.get(uid)?.lastReadAt);
  const closeOther = (uid: string, next: Provider | undefined): void => {
    const previous = byUid.get(uid)?.provider;
    if (previous === undefined || previous === next) return;
    note(uid, { lastReadAt: lastReadAt(uid) });
    previous.close();
  };
  const remove = (uid: string): void => {
    closeOther(uid, undefined);
    byUid.delete(uid);
  };
  return {
    get: (uid) => byUid.get(uid),
    set: (uid, connection) => {
      closeOther(uid, connection.provider);
      byUid.set(uid, connection);
    },
    remove,
    list: () => [...byUid].map(([uid, connection]) => ({ uid, connection })),
    lastReadAt,
    failureOf: (uid) => knownOf.get(uid)?.failure,
    fail: (uid, trouble, at) => {
      const since = knownOf.get(uid)?.failure?.since ?? at;
      note(uid, { failure: { ...trouble, since, lastAt: at } });
    },
    succeed: (uid) => {
      note(uid, { failure: undefined });
    },
    doubtedAt: (uid) => knownOf.get(uid)?.doubtedAt,
    doubt: (uid, at) => {
      note(uid, { doubtedAt: at });
    },
    forget: (uid) => {
      remove(uid);
      knownOf.delete(uid);
    },
    size: () => new Set([...byUid.keys(), ...knownOf.keys()]).size,
  };
}

function laterOf(one: Date | undefined, other: Date | undefined): Date | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}
