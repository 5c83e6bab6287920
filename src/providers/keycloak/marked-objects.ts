import type { MarkedObject } from "../../ports/provider.ts";
import { apiMarkIn, clientMarkIn } from "./attributes.ts";
import type { RealmClient } from "./realm-client.ts";

/** Everything that carries a mark of this instance. A grant carries none: it is deleted with its client. */
export function markedObjects(clients: readonly RealmClient[], instance: string): readonly MarkedObject[] {
  return clients
    .flatMap(({ ref, name, attributes }): MarkedObject[] => {
      const [client, api] = [clientMarkIn(attributes), apiMarkIn(attributes)];
      return [
        ...(client === undefined ? [] : [{ kind: "client", ref, name, mark: client } as const]),
        ...(api === undefined ? [] : [{ kind: "api", ref, name, mark: api } as const]),
      ];
    })
    .filter(({ mark }) => mark.instance === instance);
}
