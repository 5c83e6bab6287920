import type { Mark } from "../../ports/mark.ts";
import type { GrantedApi, ObservedGrant, Ref } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import type { Serial } from "../../tenant/serial.ts";
import type { OktaContext } from "./context.ts";
import { includedIn, grantFromPolicy } from "./grant-bodies.ts";
import { EVERY_CLIENT, type PartsView, type PolicyParts } from "./server-parts.ts";

/** Who a grant can be for, as policies and people call them. */
export interface ClientFacts {
  readonly ref: Ref;
  readonly clientId: string;
  readonly displayName: string;
  readonly mark: Mark | undefined;
}

export interface ServerFacts {
  readonly ref: Ref;
  readonly audience: string;
  readonly mark: Mark | undefined;
}

/** What grants need of the rest of this adapter. */
export interface GrantParts {
  readonly context: OktaContext;
  readonly parts: PartsView;
  readonly serial: Serial;
  readonly clientOf: (ref: Ref) => Promise<ClientFacts | undefined>;
  readonly clientBy: (clientId: string) => Promise<ClientFacts | undefined>;
  /** Every server of the org, the oldest first. */
  readonly servers: () => Promise<readonly ServerFacts[]>;
  /** Whether the last try to read what is below the server failed. */
  readonly isUnreadable: (server: Ref) => boolean;
  readonly serverBy: (ref: Ref) => ServerFacts | undefined;
}

/** By its id, else the oldest server of that audience. */
export async function serverOf(
  { servers, serverBy }: GrantParts,
  { ref, audience }: GrantedApi,
): Promise<Ref | undefined> {
  const all = await servers();
  return ref === undefined ? all.find((server) => server.audience === audience)?.ref : serverBy(ref)?.ref;
}

/** What a policy names for this client; `undefined` when there is no such client. */
export async function includedFor({ clientOf }: GrantParts, client: Ref): Promise<string | undefined> {
  return client === ALL_CLIENTS ? EVERY_CLIENT : (await clientOf(client))?.clientId;
}

/** The client that a policy names; of one that is gone, the id that is left. */
export async function clientFor({ clientBy }: GrantParts, included: string): Promise<Ref> {
  return included === EVERY_CLIENT ? ALL_CLIENTS : ((await clientBy(included))?.ref ?? (included as Ref));
}

/** The policy carries the mark of whom it belongs to: its client, or the API where it is for all clients. */
export async function markFor(shared: GrantParts, client: Ref, server: Ref): Promise<Mark | undefined> {
  if (client !== ALL_CLIENTS) return (await shared.clientOf(client))?.mark;
  return shared.serverBy(server)?.mark;
}

export async function observedGrant(
  shared: GrantParts,
  server: Ref,
  held: PolicyParts,
  client?: Ref,
): Promise<ObservedGrant> {
  const audience = shared.serverBy(server)?.audience ?? "";
  const holder = client ?? (await clientFor(shared, includedIn(held.policy)[0] ?? ""));
  return grantFromPolicy(held, { server, audience, client: holder, parts: await shared.parts.ensure(server) });
}
