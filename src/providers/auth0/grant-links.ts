import { OrganizationsClient as GrantOrganizationsClient } from "auth0/clientGrants/organizations";
import { ClientGrantsClient as OrganizationGrantsClient } from "auth0/organizations/clientGrants";
import type { Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { isRefused } from "../refused.ts";
import type { Auth0Context } from "./context.ts";
import { cursorPages } from "./pages.ts";

/** Which organizations a grant is linked to. Costs requests of its own, so that only asked-for grants are read. */
export interface GrantLinks {
  /** As last read; `undefined` while nobody asked. */
  known(grant: Ref): readonly string[] | undefined;
  read(grant: Ref): Promise<readonly string[]>;
  /** Reads again what is known of these. What is refused is known no longer. */
  renew(grants: readonly Ref[]): Promise<void>;
  /** Forgets every grant of which this is false. */
  keep(isKept: (grant: Ref) => boolean): void;
  /** Why the links of some grant cannot be read; `undefined` when none was refused. */
  refusal(): string | undefined;
  /** Grants whose links are held. */
  size(): number;
  /** Links exactly these. */
  replace(grant: Ref, ids: readonly string[]): Promise<readonly string[]>;
  forget(grant: Ref): void;
}

export function createGrantLinks({ options, session, ...context }: Auth0Context): GrantLinks {
  const ofGrant = new GrantOrganizationsClient(options);
  const ofOrganization = new OrganizationGrantsClient(options);
  const known = new Map<Ref, readonly string[]>();
  const refusals = new Map<Ref, string>();
  const list = async (grant: Ref): Promise<readonly string[]> => {
    const ids: string[] = [];
    const ask = (request: object) => session.read(() => Promise.resolve(ofGrant.list(grant, request)));
    for await (const page of cursorPages(ask))
      ids.push(...(page as readonly { readonly id: string }[]).map(({ id }) => id));
    return ids.sort();
  };
  const read: GrantLinks["read"] = async (grant) => {
    try {
      const ids = await list(grant);
      known.set(grant, ids);
      refusals.delete(grant);
      return ids;
    } catch (error) {
      if (isRefused(error)) {
        known.delete(grant);
        if (refusals.size === 0)
          context.warn("could not read the organizations of a grant", { grant, why: error.message });
        refusals.set(grant, error.message);
      }
      throw error;
    }
  };
  /** A conflict is a link that is there already, or an organization that takes no more: only reading them tells. */
  const link = async (grant: Ref, id: string): Promise<void> => {
    try {
      await session.write(() => Promise.resolve(ofOrganization.create(id, { grant_id: grant })));
    } catch (error) {
      if (!(error instanceof ProviderError) || error.code !== "conflict") throw error;
      if (!(await list(grant)).includes(id))
        throw new ProviderError("limit_reached", error.message, { cause: error, isAnswer: true });
    }
  };
  const unlink = async (grant: Ref, id: string): Promise<void> => {
    try {
      await session.write(() => Promise.resolve(ofOrganization.delete(id, grant)));
    } catch (error) {
      if (!isGone(error)) throw error;
      if ((await list(grant)).includes(id))
        throw new ProviderError("unavailable", "Auth0 answered 404 about the link of a grant, which exists.");
    }
  };
  return {
    known: (grant) => known.get(grant),
    read,
    renew: async (grants) => {
      for (const grant of grants)
        try {
          if (known.has(grant)) await read(grant);
        } catch (error) {
          // Anyone who needs them asks again and learns why; everybody else needs the grant alone.
          if (isGone(error)) known.delete(grant);
          else if (!isRefused(error)) throw error;
        }
    },
    keep: (isKept) => {
      for (const held of [known, refusals]) for (const grant of held.keys()) if (!isKept(grant)) held.delete(grant);
    },
    refusal: () => refusals.values().next().value,
    size: () => known.size + refusals.size,
    replace: async (grant, ids) => {
      const before = new Set(known.get(grant) ?? (await read(grant)));
      // Whatever was done when one of them fails: the next listing reads them again.
      known.delete(grant);
      for (const id of ids) if (!before.has(id)) await link(grant, id);
      for (const id of before) if (!ids.includes(id)) await unlink(grant, id);
      const now = [...ids].sort();
      known.set(grant, now);
      return now;
    },
    forget: (grant) => {
      known.delete(grant);
      refusals.delete(grant);
    },
  };
}

const isGone = (error: unknown): boolean => error instanceof ProviderError && error.code === "not_found";
