import type { Probe, Provider } from "../ports/provider.ts";

/** A provider object whose credential was read and, once `probe` is there, proved. */
export interface Connection {
  readonly provider: Provider;
  /** Generation of the provider object and version of its credentials Secret that this connection was made from. */
  readonly madeFrom: string;
  readonly probe: Probe | undefined;
  readonly probedAt: Date | undefined;
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
  remove(uid: string): void;
  list(): readonly { readonly uid: string; readonly connection: Connection }[];
}

export function createConnections(): Connections {
  const byUid = new Map<string, Connection>();
  const closeOther = (uid: string, next: Provider | undefined) => {
    const previous = byUid.get(uid)?.provider;
    if (previous !== undefined && previous !== next) previous.close();
  };
  return {
    get: (uid) => byUid.get(uid),
    set: (uid, connection) => {
      closeOther(uid, connection.provider);
      byUid.set(uid, connection);
    },
    remove: (uid) => {
      closeOther(uid, undefined);
      byUid.delete(uid);
    },
    list: () => [...byUid].map(([uid, connection]) => ({ uid, connection })),
  };
}
