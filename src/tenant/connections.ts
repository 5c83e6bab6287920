import type { Failure } from "../ports/failure.ts";
import type { Probe, Provider } from "../ports/provider.ts";

/** A provider object whose credential was read and, once `probe` is there, proved. */
export interface Connection {
  readonly provider: Provider;
  /** Generation of the provider object and version of its credentials Secret that this connection was made from. */
  readonly madeFrom: string;
  readonly probe: Probe | undefined;
  readonly probedAt: Date | undefined;
}

/** What is known of a provider object's way to its tenant, also while there is no connection. */
export interface Health {
  /** Start of the last read of the tenant that succeeded. */
  readonly lastReadAt: Date | undefined;
  readonly failure: Failure | undefined;
  /** Since when there is no connection, although there was one. */
  readonly disconnectedAt: Date | undefined;
  /** A resource was refused or not answered, so that the tenant is to be read now. */
  readonly isDoubted: boolean;
}

/**
 * The live connections, by the uid of the provider object: never shared between objects, even of one tenant, because
 * each may have been given a credential with other permissions.
 */
export interface Connections {
  get(uid: string): Connection | undefined;
  /** Replaces and closes the previous connection of this object. */
  set(uid: string, connection: Connection): void;
  /** Closes it; nothing happens when there is none. */
  remove(uid: string, at: Date): void;
  list(): readonly { readonly uid: string; readonly connection: Connection }[];
  health(uid: string): Health;
  /** A probe or a read of the tenant failed. */
  failed(uid: string, failure: Omit<Failure, "since" | "triedAt">, at: Date): void;
  /** A probe or a read of the tenant succeeded. */
  succeeded(uid: string): void;
  /** A resource was refused or not answered. True when that is news. */
  doubt(uid: string): boolean;
  /** The provider object is gone. */
  forget(uid: string): void;
  /** Number of provider objects that something is remembered of. */
  size(): number;
}

const UNKNOWN: Health = { lastReadAt: undefined, failure: undefined, disconnectedAt: undefined, isDoubted: false };

export function createConnections(): Connections {
  const byUid = new Map<string, Connection>();
  const healthOf = new Map<string, Health>();
  const health = (uid: string): Health => {
    const known = healthOf.get(uid) ?? UNKNOWN;
    return { ...known, lastReadAt: byUid.get(uid)?.provider.refreshedAt() ?? known.lastReadAt };
  };
  const note = (uid: string, change: Partial<Health>): void => {
    healthOf.set(uid, { ...health(uid), ...change });
  };
  const closeOther = (uid: string, next: Provider | undefined): void => {
    const previous = byUid.get(uid)?.provider;
    if (previous === undefined || previous === next) return;
    note(uid, {});
    previous.close();
  };
  return {
    get: (uid) => byUid.get(uid),
    set: (uid, connection) => {
      const isNew = byUid.get(uid)?.provider !== connection.provider;
      closeOther(uid, connection.provider);
      byUid.set(uid, connection);
      // With another credential or address, what failed so far says nothing.
      note(uid, { disconnectedAt: undefined, ...(isNew ? { failure: undefined, isDoubted: false } : {}) });
    },
    remove: (uid, at) => {
      if (!byUid.has(uid)) return;
      closeOther(uid, undefined);
      note(uid, { disconnectedAt: at });
      byUid.delete(uid);
    },
    list: () => [...byUid].map(([uid, connection]) => ({ uid, connection })),
    health,
    failed: (uid, failure, at) => {
      const since = health(uid).failure?.since ?? at;
      note(uid, { failure: { ...failure, since, triedAt: at }, isDoubted: false });
    },
    succeeded: (uid) => {
      note(uid, { failure: undefined, isDoubted: false });
    },
    doubt: (uid) => {
      if (!byUid.has(uid) || health(uid).isDoubted) return false;
      note(uid, { isDoubted: true });
      return true;
    },
    forget: (uid) => {
      healthOf.delete(uid);
    },
    size: () => healthOf.size,
  };
}
