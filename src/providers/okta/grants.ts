import type { GrantChange, GrantedApi, Grants, GrantSpec, ObservedGrant, Ref } from "../../ports/provider.ts";
import { callersOf } from "./callers.ts";
import { addressOf, includedIn, isForNobody, policiesFor } from "./grant-bodies.ts";
import { createGrant, updateGrant } from "./grant-changes.ts";
import { clientFor, type GrantParts, includedFor, observedGrant, serverOf } from "./grant-parts.ts";
import type { PolicyDocument } from "./documents.ts";
import { allOf } from "./pages.ts";
import { createPolicyWriter } from "./policy-writer.ts";
import type { ServerParts } from "./server-parts.ts";

/** Grants as access policies with one rule each: the provider adds up neither policies nor rules. */
export function createGrants(shared: GrantParts): Grants {
  const { parts, serial } = shared;
  const writer = createPolicyWriter(shared.context, parts);
  const find = async (client: Ref, api: GrantedApi, since?: Date): Promise<ObservedGrant | undefined> => {
    const [server, included] = [await serverOf(shared, api), await includedFor(shared, client)];
    if (server === undefined || included === undefined) return undefined;
    const [held] = policiesFor(await partsSince(shared, server, included, since), included);
    return held === undefined ? undefined : observedGrant(shared, server, held, client);
  };
  return {
    find: (client, api, _withOrganizations, since) => find(client, api, since),
    ofClient: (client) => grantsOfClient(shared, client),
    ofApi: async (api) => {
      const server = await serverOf(shared, api);
      return server === undefined ? [] : grantsBelow(shared, server);
    },
    callers: async (api) => {
      const server = await serverOf(shared, api);
      return server === undefined ? [] : callersOf(shared, server);
    },
    create: (spec) =>
      serial(spec.api.ref, async () => {
        const known = await find(spec.client, spec.api);
        return known === undefined
          ? createGrant(shared, writer, spec)
          : updateGrant(shared, writer, known.ref, { ...wishOf(spec), restore: true });
      }),
    update: (ref, change) => serial(addressOf(ref).server, () => updateGrant(shared, writer, ref, change)),
    remove: (ref) => {
      const { server, policy } = addressOf(ref);
      return serial(server, () => writer.remove(server, policy));
    },
  };
}

/**
 * What is below a server. It is read again only where Okta has a policy for the client that was made since: each
 * policy costs a request, and a server can have hundreds.
 */
async function partsSince(
  { context: { session, sdk, clock }, parts }: GrantParts,
  server: Ref,
  included: string,
  since: Date | undefined,
): Promise<ServerParts> {
  const known = await parts.ensure(server);
  if (since === undefined || known.readAt >= since || policiesFor(known, included).length > 0) return known;
  const now = clock.now();
  const policies = await session.read(async () =>
    allOf<PolicyDocument>(await sdk.authorizationServerApi.listAuthorizationServerPolicies({ authServerId: server })),
  );
  const isNew = policies.some((policy) => includedIn(policy).includes(included));
  return isNew ? parts.refresh(server, now) : known;
}

const wishOf = ({ scopes, lifetimeSeconds }: GrantSpec): GrantChange => ({
  scopes,
  ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
});

/** Below whichever server that can be read; `undefined` while one of them was not read. */
async function grantsOfClient(shared: GrantParts, client: Ref): Promise<readonly ObservedGrant[] | undefined> {
  const included = await includedFor(shared, client);
  if (included === undefined) return [];
  const grants: ObservedGrant[] = [];
  for (const { ref } of await shared.servers()) {
    const known = shared.parts.known(ref);
    if (known === undefined && shared.isUnreadable(ref)) continue;
    if (known === undefined) return undefined;
    for (const held of policiesFor(known, included)) grants.push(await observedGrant(shared, ref, held, client));
  }
  return grants.filter(({ ref }) => !grants.some(({ duplicates }) => duplicates.includes(ref)));
}

/** One for every client that a policy below the server names, and one for a policy of the operator that names none. */
async function grantsBelow(shared: GrantParts, server: Ref): Promise<readonly ObservedGrant[]> {
  const grants: ObservedGrant[] = [];
  for (const held of (await shared.parts.ensure(server)).policies.filter(({ policy }) => policy.system !== true))
    for (const included of isForNobody(held) ? [""] : includedIn(held.policy))
      grants.push(await observedGrant(shared, server, held, await clientFor(shared, included)));
  return grants;
}
