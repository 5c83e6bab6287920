import type { Management } from "auth0";
import { OrganizationsClient } from "auth0/organizations";
import type { Organizations } from "../../ports/provider.ts";
import type { Auth0Context } from "./context.ts";
import { orUndefined } from "./session.ts";

/** How long an organization is taken as it was found: names can be given to another. */
const FRESH_MS = 600_000;

type Found = Awaited<ReturnType<Organizations["find"]>>;

/** Looked up one by one, since a tenant may hold a hundred thousand of them. What is not there is asked for again. */
export function createOrganizations({ options, session, clock }: Auth0Context): Organizations {
  const sdk = new OrganizationsClient(options);
  const known = new Map<string, { readonly found: NonNullable<Found>; readonly at: number }>();
  const read = (nameOrId: string): Promise<Management.GetOrganizationResponseContent | undefined> =>
    session.read(() => orUndefined(Promise.resolve(isId(nameOrId) ? sdk.get(nameOrId) : sdk.getByName(nameOrId))));
  return {
    find: async (nameOrId) => {
      const now = clock.now().getTime();
      const held = known.get(nameOrId);
      if (held !== undefined && now - held.at < FRESH_MS) return held.found;
      const { id, name } = (await read(nameOrId)) ?? {};
      if (id === undefined || name === undefined) {
        known.delete(nameOrId);
        return undefined;
      }
      const found = { id, name };
      known.set(nameOrId, { found, at: now });
      return found;
    },
  };
}

/** Names are lower-case; ids are not. */
const isId = (text: string): boolean => /^org_[A-Za-z0-9]{16}$/.test(text);
