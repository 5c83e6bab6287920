import { formerCredentials, releaseCredentials } from "../kinds/identity-provider/credentials.ts";
import type { KindContext } from "../kinds/kind-context.ts";
import { CREDENTIALS_FINALIZER } from "../kinds/schema/annotations.ts";
import type { Caches } from "./caches.ts";

type Log = { warn(fields: object, message: string): void };

/**
 * Releases the credentials Secrets of provider objects that do not exist any more, when the returned function is called
 * and, while `isOurs`, whenever one disappears: a provider object that lost its finalizer by force has no pass of its own
 * that could do it. One process of an installation may do so at a time.
 */
export function releaseLeftBehind(
  context: Pick<KindContext, "resources" | "secrets">,
  caches: Pick<Caches, "secrets" | "clusterIdentityProviders" | "identityProviders">,
  isOurs: () => boolean,
  log: Log,
): () => void {
  const release = (): void => {
    for (const namespace of heldNamespaces(caches))
      releaseCredentials(context, namespace, formerCredentials(context, namespace)).catch((error: unknown) => {
        log.warn({ namespace, error }, "could not remove the finalizer from a credentials Secret");
      });
  };
  for (const store of [caches.clusterIdentityProviders, caches.identityProviders])
    store.onChange((_before, after) => {
      if (after === undefined && isOurs()) release();
    });
  return release;
}

function heldNamespaces({ secrets }: Pick<Caches, "secrets">): ReadonlySet<string> {
  const held = secrets.list().filter(({ metadata }) => metadata.finalizers?.includes(CREDENTIALS_FINALIZER) === true);
  return new Set(held.map(({ metadata }) => metadata.namespace ?? ""));
}
