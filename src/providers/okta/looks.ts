import type { ObservedClient, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Listing } from "../../tenant/listing.ts";
import type { ListedServer } from "./apis.ts";
import type { ClientSecrets } from "./client-secrets.ts";
import type { OktaContext } from "./context.ts";
import type { PartsView } from "./server-parts.ts";
import { createSecretSchedule, type SweepTarget } from "./sweep.ts";

interface LookParts {
  readonly context: OktaContext;
  readonly servers: Listing<ListedServer>;
  readonly apps: Listing<ObservedClient>;
  readonly parts: PartsView;
  readonly secrets: ClientSecrets;
}

/** Looks at what no listing shows, each with requests of its own. */
export interface Looks {
  /** Everything that can be looked at so, and when it last was. */
  targets(): readonly SweepTarget[];
  /** At this API or client, now. */
  lookAt(ref: Ref, notBefore: Date): Promise<void>;
}

export function createLooks({ context, servers, apps, parts, secrets }: LookParts): Looks {
  const schedule = createSecretSchedule(context.clock);
  const below = async (ref: Ref, notBefore: Date): Promise<number> => {
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
  const atSecrets = async (ref: Ref): Promise<number> => {
    const before = secrets.known(ref);
    await secrets.read(ref);
    if (JSON.stringify(before) !== JSON.stringify(secrets.known(ref))) context.onDrift({ kind: "client", ref });
    // Counted by a limit that is a sixth of the others.
    return 6;
  };
  const isDue = ({ ref, mark, authenticationMethod }: ObservedClient): boolean =>
    mark !== undefined && authenticationMethod !== "private_key_jwt" && schedule.isDue(ref, secrets.readAt(ref));
  return {
    targets: () => [
      ...servers.all().map(({ id }) => ({
        key: id,
        lookedAt: parts.known(id as Ref)?.readAt,
        look: (notBefore: Date) => below(id as Ref, notBefore),
      })),
      ...(context.isReadOnly ? [] : apps.all().filter(isDue)).map(({ ref }) => ({
        key: ref,
        lookedAt: undefined,
        look: () => atSecrets(ref),
      })),
    ],
    lookAt: async (ref, notBefore) => {
      if (servers.get(ref) !== undefined) await below(ref, notBefore);
      if (apps.get(ref) !== undefined && !context.isReadOnly) await atSecrets(ref);
    },
  };
}

const isNotFound = (error: unknown): boolean => error instanceof ProviderError && error.code === "not_found";
