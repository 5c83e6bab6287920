import type { Ref } from "../../ports/provider.ts";
import type { ClaimDocument, PolicyDocument, RuleDocument, ScopeDocument } from "./documents.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { OktaContext } from "./context.ts";
import { readMarked } from "./marked-text.ts";
import { allOf } from "./pages.ts";

/** What is below one authorization server. System scopes and claims are not in it: nobody touches them. */
export interface ServerParts {
  readonly scopes: readonly ScopeDocument[];
  /** `undefined`: not read, since no spec speaks of them. */
  readonly claims: readonly ClaimDocument[] | undefined;
  readonly policies: readonly PolicyParts[];
  readonly readAt: Date;
}

export interface PolicyParts {
  readonly policy: PolicyDocument;
  /** `undefined`: not read, since it is for several clients and none of the operator's business. */
  readonly rules: readonly RuleDocument[] | undefined;
}

/** In place of client IDs. */
export const EVERY_CLIENT = "ALL_CLIENTS";

/** Servers that were read one by one, since each costs requests of its own: on demand, or by the sweep. */
export interface PartsView {
  known(server: Ref): ServerParts | undefined;
  /** What is known, else what is read now; several callers share one reading. */
  ensure(server: Ref): Promise<ServerParts>;
  /** Reads it again, unless a reading began at or after `notBefore`. */
  refresh(server: Ref, notBefore: Date): Promise<ServerParts>;
  /** A server that was just made: nothing of anybody's is below it. */
  start(server: Ref): void;
  /** With claims from now on. */
  wantClaims(server: Ref): Promise<void>;
  /** The outcome of a write of the operator. A reading that began before it does not overwrite it. */
  change(server: Ref, change: (parts: ServerParts) => ServerParts): void;
  drop(server: Ref): void;
  /** Forgets every server of which this is false, unless it is being read. */
  keep(isKept: (server: Ref) => boolean): void;
  /** Servers of which anything is remembered. */
  size(): number;
  /** A write of the operator has no known outcome: nothing is believed before a reading that begins late enough to show it. */
  forgetUntilSettled(server: Ref): void;
}

type OnRead = (server: Ref, before: ServerParts | undefined, after: ServerParts) => void;

export function createPartsView(context: OktaContext, onRead: OnRead): PartsView {
  const known = new Map<Ref, ServerParts>();
  const withClaims = new Set<Ref>();
  const versions = new Map<Ref, number>();
  const unsettledUntil = new Map<Ref, Date>();
  const running = new Map<Ref, { readonly startedAt: Date; readonly finished: Promise<ServerParts> }>();
  const versionOf = (server: Ref): number => versions.get(server) ?? 0;
  const bump = (server: Ref): void => {
    versions.set(server, versionOf(server) + 1);
  };
  const load = async (server: Ref, startedAt: Date): Promise<ServerParts> => {
    const version = versionOf(server);
    const parts = await readParts(context, server, withClaims.has(server), startedAt);
    const before = known.get(server);
    // Written meanwhile: what was read may not show it.
    if (versionOf(server) !== version && before !== undefined) return before;
    known.set(server, parts);
    onRead(server, before, parts);
    return parts;
  };
  const start = async (server: Ref): Promise<ServerParts> => {
    const startedAt = context.clock.now();
    if (startedAt < (unsettledUntil.get(server) ?? startedAt))
      throw new ProviderError(
        "unavailable",
        "The outcome of an earlier request is not known. The operator waits until Okta shows it.",
      );
    unsettledUntil.delete(server);
    const finished = load(server, startedAt).finally(() => running.delete(server));
    running.set(server, { startedAt, finished });
    return await finished;
  };
  const view: PartsView = {
    known: (server) => known.get(server),
    ensure: (server) => {
      const parts = known.get(server);
      return parts === undefined ? (running.get(server)?.finished ?? start(server)) : Promise.resolve(parts);
    },
    refresh: async (server, notBefore) => {
      const parts = known.get(server);
      if (parts !== undefined && parts.readAt >= notBefore) return parts;
      const current = running.get(server);
      if (current === undefined) return start(server);
      const read = await current.finished;
      return current.startedAt >= notBefore ? read : view.refresh(server, notBefore);
    },
    start: (server) => {
      bump(server);
      known.set(server, { scopes: [], claims: undefined, policies: [], readAt: context.clock.now() });
    },
    wantClaims: async (server) => {
      if (withClaims.has(server)) return;
      withClaims.add(server);
      const claims = await readClaims(context, server);
      view.change(server, (parts) => ({ ...parts, claims }));
    },
    change: (server, change) => {
      bump(server);
      const parts = known.get(server);
      if (parts !== undefined) known.set(server, change(parts));
    },
    forgetUntilSettled: (server) => {
      bump(server);
      known.delete(server);
      unsettledUntil.set(server, new Date(context.clock.now().getTime() + context.outcomeMs));
    },
    drop: (server) => {
      bump(server);
      known.delete(server);
      withClaims.delete(server);
    },
    keep: (isKept) => {
      for (const held of [known, withClaims, versions, unsettledUntil])
        for (const server of held.keys()) if (!isKept(server) && !running.has(server)) held.delete(server);
    },
    size: () => new Set([known, withClaims, versions, unsettledUntil].flatMap((held) => [...held.keys()])).size,
  };
  return view;
}

async function readParts(context: OktaContext, server: Ref, withClaims: boolean, readAt: Date): Promise<ServerParts> {
  const { session, sdk } = context;
  const api = sdk.authorizationServerApi;
  const scopes = await session.read(async () =>
    allOf<ScopeDocument>(await api.listOAuth2Scopes({ authServerId: server, limit: 200 })),
  );
  const policies = await session.read(async () =>
    allOf<PolicyDocument>(await api.listAuthorizationServerPolicies({ authServerId: server })),
  );
  const claims = withClaims ? await readClaims(context, server) : undefined;
  const parts: PolicyParts[] = [];
  for (const policy of policies)
    parts.push({ policy, rules: isOfInterest(policy) ? await readRules(context, server, policy) : undefined });
  return { scopes: scopes.filter(isOwnScope), claims, policies: parts, readAt };
}

/** For one client, for all of them, or ours: what it says decides about a grant. */
function isOfInterest({ conditions, description }: PolicyDocument): boolean {
  return (conditions?.clients?.include ?? []).length === 1 || readMarked(description).mark !== undefined;
}

export async function readRules(
  { session, sdk }: OktaContext,
  server: Ref,
  { id }: PolicyDocument,
): Promise<readonly RuleDocument[]> {
  const request = { authServerId: server, policyId: id };
  return session.read(async () =>
    allOf<RuleDocument>(await sdk.authorizationServerApi.listAuthorizationServerPolicyRules(request)),
  );
}

async function readClaims({ session, sdk }: OktaContext, server: Ref): Promise<readonly ClaimDocument[]> {
  const claims = await session.read(async () =>
    allOf<ClaimDocument>(await sdk.authorizationServerApi.listOAuth2Claims({ authServerId: server })),
  );
  return claims.filter(({ system, claimType }) => system !== true && claimType === "RESOURCE");
}

/** Some that Okta makes do not have the flag. */
const isOwnScope = ({ system, name }: ScopeDocument): boolean => system !== true && !name.startsWith("okta.");
