import type { ObservedClient, Ref } from "../../ports/provider.ts";
import type { Listing } from "../../tenant/listing.ts";
import type { ListedServer } from "./apis.ts";
import type { ClientSecrets } from "./client-secrets.ts";
import type { OktaContext } from "./context.ts";
import { isNotFound } from "./removal.ts";
import { createSecretSchedule } from "./secret-schedule.ts";
import type { PartsView } from "./server-parts.ts";
import type { SweepTarget } from "./sweep.ts";

interface ScanParts {
  readonly context: OktaContext;
  readonly servers: Listing<ListedServer>;
  readonly apps: Listing<ObservedClient>;
  readonly parts: PartsView;
  readonly secrets: ClientSecrets;
}

/** Reads what no listing shows, each with requests of its own. */
export interface Scan {
  /** Everything that has to be read so, and when it last was. */
  targets(): readonly SweepTarget[];
  /** This API or client, now. */
  readNow(ref: Ref, notBefore: Date): Promise<void>;
}

export function createScan({ context, servers, apps, parts, secrets }: ScanParts): Scan {
  const schedule = createSecretSchedule(context.clock);
  const readServer = async (ref: Ref, notBefore: Date): Promise<number> => {
    try {
      const { claims, policies } = await parts.refresh(ref, notBefore);
      return 2 + (claims === undefined ? 0 : 1) + policies.filter(({ rules }) => rules !== undefined).length;
    } catch (error) {
      // Gone since the listing: else it would be looked for until the next.
      const isGone = isNotFound(error) && (await context.session.read(() => servers.confirm(ref))) === undefined;
      if (!isGone) throw error;
      context.onDrift({ kind: "api", ref });
      return 2;
    }
  };
  const readSecrets = async (ref: Ref): Promise<number> => {
    const before = secrets.known(ref);
    await secrets.read(ref);
    if (JSON.stringify(before) !== JSON.stringify(secrets.known(ref))) context.onDrift({ kind: "client", ref });
    // Counted by a limit that is a sixth of the others.
    return 6;
  };
  const isDue = ({ ref, mark, authenticationMethod }: ObservedClient): boolean =>
    mark !== undefined && authenticationMethod !== "private_key_jwt" && schedule.isDue(ref, secrets.readAt(ref));
  const dueApps = (): readonly ObservedClient[] => {
    const all = apps.all();
    schedule.keep(new Set(all.map(({ ref }) => ref)));
    return all.filter(isDue);
  };
  return {
    targets: () => [
      ...servers.all().map(({ id }) => ({
        key: id,
        readAt: parts.known(id as Ref)?.readAt,
        read: (notBefore: Date) => readServer(id as Ref, notBefore),
      })),
      ...(context.isReadOnly ? [] : dueApps()).map(({ ref }) => ({
        key: ref,
        readAt: undefined,
        read: () => readSecrets(ref),
      })),
    ],
    readNow: async (ref, notBefore) => {
      if (servers.get(ref) !== undefined) await readServer(ref, notBefore);
      if (apps.get(ref) !== undefined && !context.isReadOnly) await readSecrets(ref);
    },
  };
}
