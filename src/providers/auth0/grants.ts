import type { Management } from "auth0";
import { ClientGrantsClient } from "auth0/clientGrants";
import type {
  GrantChange,
  GrantOrganizations,
  Grants,
  GrantSpec,
  ObservedGrant,
  Ref,
  Unreadable,
} from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { createListing, type Listing } from "../../tenant/listing.ts";
import { isRefused } from "../refused.ts";
import type { Auth0Context } from "./context.ts";
import type { GrantDocument } from "./documents.ts";
import { createClientReadings } from "./grants-of-client.ts";
import { createGrantLinks } from "./grant-links.ts";
import { cursorPages } from "./pages.ts";
import { orUndefined } from "./session.ts";

const pairOf = (client: string, audience: string): string => `${client} ${audience}`;

/** Grants on behalf of users, and those for clients that they do not name, are another matter. */
const isForClient = ({ subject_type: subject, client_id: client }: GrantDocument): boolean =>
  client != null && (subject == null || subject === "client");

export function createGrants(context: Auth0Context): {
  readonly grants: Grants;
  readonly listing: Listing<ObservedGrant>;
  /** Organizations of grants, when they were refused. */
  readonly unreadable: () => readonly Unreadable[];
  /** Ids of the organizations that a grant is linked to, read now. */
  readonly organizationsOf: (grant: Ref) => Promise<readonly string[]>;
} {
  const { clock, session, options } = context;
  const sdk = new ClientGrantsClient(options);
  const links = createGrantLinks(context);
  const observe = (document: GrantDocument): ObservedGrant =>
    grantFromDocument(document, links.known(document.id as Ref), clock.now());
  const listing = createListing<ObservedGrant>({
    load: async function* () {
      const listed = new Set<Ref>();
      readings.forgetBefore(clock.now());
      for await (const page of cursorPages((request) => session.read(() => Promise.resolve(sdk.list(request))))) {
        const documents = page as readonly GrantDocument[];
        for (const { id } of documents) listed.add(id as Ref);
        // Of those that somebody asked about, so that a link that was changed by hand is found.
        await links.renew(documents.map(({ id }) => id as Ref));
        yield documents.map(observe);
      }
      links.keep((grant) => listed.has(grant) || listing.get(grant) !== undefined);
    },
    keyOf: (grant) => grant.ref,
    digestOf: ({ readAt: _readAt, ...grant }) => JSON.stringify(grant),
    indexes: {
      pair: (grant) => (grant.isForeign === true ? [] : [pairOf(grant.client, grant.audience)]),
      client: (grant) => (grant.isForeign === true ? [] : [grant.client]),
      audience: (grant) => [grant.audience],
      // Grants without a ScopeGrant are deleted with the client too.
      holder: (grant) => [grant.client],
    },
    read: async (key) => {
      const document = await session.read(() => orUndefined(Promise.resolve(sdk.get(key))));
      return document === undefined ? undefined : observe(document as GrantDocument);
    },
    clock,
    settleMs: context.settleMs,
    onDrift: (before, after) => {
      const grant = after ?? before;
      if (grant !== undefined)
        context.onDrift({ kind: "grant", ref: grant.ref, client: grant.client, audience: grant.audience });
    },
  });
  const remember = (document: unknown): ObservedGrant => {
    const grant = observe(document as GrantDocument);
    listing.put(grant);
    return grant;
  };
  const withLinks = async (grant: ObservedGrant): Promise<ObservedGrant> => {
    if (grant.organizations.ids !== undefined) return grant;
    const seen = { ...grant, organizations: { ...grant.organizations, ids: await links.read(grant.ref) } };
    listing.put(seen);
    return seen;
  };
  const update: Grants["update"] = async (ref, change) => {
    const body = changeBody(change, listing.get(ref));
    const before = Object.keys(body).length === 0 ? listing.get(ref) : undefined;
    const grant = before ?? remember(await session.write(() => sdk.update(ref, body)));
    const ids = change.organizations?.ids;
    return ids === undefined ? grant : linked(grant, await links.replace(ref, ids));
  };
  const linked = (grant: ObservedGrant, ids: readonly string[]): ObservedGrant => {
    const seen = { ...grant, organizations: { ...grant.organizations, ids } };
    listing.put(seen);
    return seen;
  };
  const readings = createClientReadings(
    async (client) => {
      const pages = cursorPages((request) =>
        session.read(() => Promise.resolve(sdk.list({ ...request, client_id: client }))),
      );
      const began = clock.now();
      for await (const page of pages)
        for (const document of page as readonly GrantDocument[]) listing.learn(observe(document), began);
    },
    () => clock.now(),
  );
  const pairSince = async (client: Ref, audience: string, since?: Date): Promise<ObservedGrant | undefined> => {
    const [known] = listing.byIndex("pair", pairOf(client, audience));
    if (since === undefined || listing.isListedSince(since)) return known;
    if (known !== undefined && known.readAt >= since) return known;
    await readings.ensure(client, since);
    const [read] = listing.byIndex("pair", pairOf(client, audience));
    if (read === undefined || read.readAt >= since) return read;
    // It was listed, and the reading did not show it.
    return session.read(() => listing.confirm(read.ref));
  };
  /** The key is unique: no matter who made the one that is there, it is on our client and is brought to what is wanted. */
  const adopt = async ({ client, api, scopes, organizations }: GrantSpec): Promise<ObservedGrant> => {
    const existing = await pairSince(client, api.audience, clock.now());
    if (existing === undefined)
      throw new ProviderError(
        "conflict",
        `Auth0 says that client ${client} has a grant on ${api.audience} and does not show it. The operator tries again. If it lasts, delete that grant at the tenant.`,
      );
    return update(existing.ref, { scopes, ...(organizations === undefined ? {} : { organizations }) });
  };
  const grants: Grants = {
    find: async (client, { audience }, withOrganizations, since) => {
      await listing.ensure();
      const grant = await pairSince(client, audience, since);
      return grant === undefined || !withOrganizations ? grant : withLinks(grant);
    },
    ofClient: async (client) => {
      try {
        await listing.ensure();
      } catch (error) {
        // Clients need not fail because their grants cannot be listed.
        if (isRefused(error)) return undefined;
        throw error;
      }
      return listing.byIndex("client", client);
    },
    ofApi: async ({ audience }) => {
      await listing.ensure();
      return listing.byIndex("audience", audience);
    },
    create: async (spec) => {
      if (spec.client === ALL_CLIENTS)
        throw new ProviderError("unsupported", "Auth0 grants scopes to one client at a time.");
      const { organizations } = spec;
      const body = {
        client_id: spec.client,
        audience: spec.api.audience,
        scope: [...spec.scopes],
        ...(organizations === undefined ? {} : organizationsBody(organizations)),
      };
      try {
        const made = remember(
          await session.write(() => sdk.create(body as Management.CreateClientGrantRequestContent)),
        );
        const ids = organizations?.ids ?? [];
        return ids.length === 0 ? made : linked(made, await links.replace(made.ref, ids));
      } catch (error) {
        if (error instanceof ProviderError && error.code === "conflict") return adopt(spec);
        throw error;
      }
    },
    update: async (ref, change) => {
      try {
        return await update(ref, change);
      } catch (error) {
        // Switching a grant off and on in the dashboard gives it a new id; the next listing finds it by its pair.
        if (error instanceof ProviderError && error.code === "not_found")
          await session.read(() => listing.confirm(ref));
        throw error;
      }
    },
    remove: async (ref) => {
      await session.write(() => sdk.delete(ref));
      links.forget(ref);
      listing.drop(ref);
    },
  };
  const unreadable = (): readonly Unreadable[] => {
    const why = links.refusal();
    return why === undefined ? [] : [{ what: "organizations of client grants", why }];
  };
  return { grants, listing, unreadable, organizationsOf: (grant) => links.read(grant) };
}

function organizationsBody({ usage, any }: GrantOrganizations): object {
  return {
    organization_usage: usage.toLowerCase(),
    ...(any === undefined ? {} : { allow_any_organization: any }),
  };
}

/** The mark "all scopes" is taken off, since a list would not count beside it. */
function changeBody(
  { scopes, organizations }: GrantChange,
  before: ObservedGrant | undefined,
): Management.UpdateClientGrantRequestContent {
  const isSame =
    organizations === undefined ||
    (before?.organizations.usage === organizations.usage &&
      before.organizations.any === (organizations.any ?? before.organizations.any));
  return {
    ...(scopes === undefined ? {} : { scope: [...scopes] }),
    ...(scopes !== undefined && before?.allScopes === true ? { allow_all_scopes: false } : {}),
    ...(isSame ? {} : organizationsBody(organizations)),
  };
}

const USAGES: Readonly<Record<string, GrantOrganizations["usage"]>> = { allow: "Allow", require: "Require" };

export function grantFromDocument(
  document: GrantDocument,
  ids: readonly string[] | undefined,
  readAt: Date,
): ObservedGrant {
  return {
    ref: document.id as Ref,
    client: (document.client_id ?? document.default_for ?? "") as Ref,
    api: undefined,
    audience: document.audience,
    scopes: document.allow_all_scopes === true ? [] : (document.scope ?? []),
    allScopes: document.allow_all_scopes === true,
    organizations: {
      usage: USAGES[document.organization_usage ?? ""] ?? "Deny",
      any: document.allow_any_organization === true,
      ids,
    },
    lifetimeSeconds: undefined,
    duplicates: [],
    isImpaired: false,
    overriddenBy: [],
    isSystem: document.is_system === true,
    ...(isForClient(document) ? {} : { isForeign: true as const }),
    readAt,
  };
}
