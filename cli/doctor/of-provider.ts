import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import { uses } from "../status/tree.ts";
import type { Facts } from "./facts.ts";
import { grantsOf, grantsOn } from "./relations.ts";

/** The same facts without the resources of other providers. What belongs to the whole cluster stays. */
export function factsOfProvider(facts: Facts, provider: ProviderResource): Facts {
  const apis = facts.apis.filter(({ metadata, spec }) => uses(metadata.namespace, spec.providerRef, provider));
  const clients = facts.clients.filter(({ metadata, spec }) => uses(metadata.namespace, spec.providerRef, provider));
  const grants = new Set([
    ...clients.flatMap((client) => grantsOf(facts, client)),
    ...apis.flatMap((api) => grantsOn(facts, api)),
  ]);
  return { ...facts, providers: [provider], apis, clients, grants: [...grants] };
}
