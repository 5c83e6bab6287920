import type { Management } from "auth0";
import { OrganizationsClient } from "auth0/organizations";
import type { Organizations } from "../../ports/provider.ts";
import { isId as isSegment } from "../answers.ts";
import type { Auth0Context } from "./context.ts";
import { orUndefined } from "./session.ts";

/** How long an organization is taken as it was found: names can be given to another. */
const FRESH_MS = 600_000;
/** How long one that is not there is not requested again, however many objects name it. */
const MISSING_MS = 30_000;

type Found = Awaited<ReturnType<Organizations["find"]>>;

interface OrganizationLookup extends Organizations {
  forgetMissing(): void;
  /** Answers that are held. */
  size(): number;
}

/** Looked up one by one, since a tenant may hold a hundred thousand of them. `forgetMissing` looks for all of them again. */
export function createOrganizations({ options, session, clock }: Auth0Context): OrganizationLookup {
  const sdk = new OrganizationsClient(options);
  const known = new Map<string, { readonly found: Found; readonly at: number }>();
  const isFresh = ({ found, at }: { readonly found: Found; readonly at: number }, now: number): boolean =>
    now - at < (found === undefined ? MISSING_MS : FRESH_MS);
  const read = (nameOrId: string): Promise<Management.GetOrganizationResponseContent | undefined> =>
    session.read(() => orUndefined(Promise.resolve(isId(nameOrId) ? sdk.get(nameOrId) : sdk.getByName(nameOrId))));
  return {
    find: async (nameOrId) => {
      const now = clock.now().getTime();
      const held = known.get(nameOrId);
      if (held !== undefined && isFresh(held, now)) return held.found;
      // Nothing has such a name, and the path would be another.
      const { id, name } = (isSegment(nameOrId) ? await read(nameOrId) : undefined) ?? {};
      const found = id === undefined || name === undefined ? undefined : { id, name };
      for (const [other, entry] of known) if (!isFresh(entry, now)) known.delete(other);
      known.set(nameOrId, { found, at: now });
      return found;
    },
    size: () => known.size,
    forgetMissing: () => {
      for (const [name, { found }] of known) if (found === undefined) known.delete(name);
    },
  };
}

/** Names are lower-case; ids are not. */
const isId = (text: string): boolean => /^org_[A-Za-z0-9]{16}$/.test(text);
