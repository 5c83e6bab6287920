import type { MarkedObject, ObservedClient, Ref } from "../../ports/provider.ts";
import { isShared } from "./api-bodies.ts";
import type { ListedServer } from "./apis.ts";
import { refOf } from "./grant-bodies.ts";
import { readMarked } from "./marked-text.ts";
import type { PartsView } from "./server-parts.ts";

/** Everything known that carries a mark of this instance; of servers that were not read yet, no policies. */
export function markedObjects(
  apps: readonly ObservedClient[],
  servers: readonly ListedServer[],
  parts: PartsView,
  instance: string,
): readonly MarkedObject[] {
  const clients = apps.flatMap(({ ref, displayName: name, mark }): MarkedObject[] =>
    mark === undefined ? [] : [{ kind: "client", ref, name, mark }],
  );
  const own = servers.filter((server) => !isShared(server));
  const apis = own.flatMap(({ id, name, description }): MarkedObject[] => {
    const { mark } = readMarked(description);
    return mark === undefined ? [] : [{ kind: "api", ref: id as Ref, name, mark }];
  });
  const grants = servers.flatMap(({ id }) =>
    (parts.known(id as Ref)?.policies ?? []).flatMap(({ policy }): MarkedObject[] => {
      const { mark } = readMarked(policy.description);
      const ref = refOf({ server: id as Ref, policy: policy.id });
      return mark === undefined ? [] : [{ kind: "grant", ref, name: policy.name, mark }];
    }),
  );
  return [...clients, ...apis, ...grants].filter(({ mark }) => mark.instance === instance);
}
