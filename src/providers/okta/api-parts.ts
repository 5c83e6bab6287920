import type { ApiScope, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import {
  changedClaim,
  changedScope,
  claimBody,
  type ClaimSetting,
  isSameClaim,
  isSameScope,
  scopeBody,
} from "./api-bodies.ts";
import type { OktaContext } from "./context.ts";
import type { ClaimDocument, ScopeDocument } from "./documents.ts";
import { readByPath, removeSeen } from "./removal.ts";
import type { PartsView } from "./server-parts.ts";

type Create<Wanted, Present> = (wanted: Wanted) => Promise<Present>;

/** How the members of one list below a server are made equal to what is wanted. */
interface ListWriter<Wanted extends { readonly name: string }, Present> {
  readonly isSame: (wanted: Wanted, present: Present) => boolean;
  readonly create: Create<Wanted, Present>;
  readonly change: (present: Present, wanted: Wanted) => Promise<Present>;
  readonly remove: (present: Present) => Promise<unknown>;
  /** Tells the view after every single write, so that a failure in between is no lie. */
  readonly note: (list: readonly Present[]) => void;
}

/** By name: what is missing is created, what differs changed, what is not wanted removed. */
async function makeEqual<Wanted extends { readonly name: string }, Present extends { readonly name: string }>(
  wanted: readonly Wanted[],
  present: readonly Present[],
  writer: ListWriter<Wanted, Present>,
): Promise<void> {
  let list = [...present];
  const note = (next: Present[]): void => {
    list = next;
    writer.note(list);
  };
  for (const item of wanted) {
    const known = list.find(({ name }) => name === item.name);
    if (known === undefined) note([...list, await writer.create(item)]);
    else if (!writer.isSame(item, known)) {
      const changed = await writer.change(known, item);
      note(list.map((other) => (other === known ? changed : other)));
    }
  }
  for (const item of present) {
    if (wanted.some(({ name }) => name === item.name)) continue;
    await writer.remove(item);
    note(list.filter(({ name }) => name !== item.name));
  }
}

const path = (server: Ref, list: "scopes" | "claims", id: string): string =>
  `/api/v1/authorizationServers/${encodeURIComponent(server)}/${list}/${encodeURIComponent(id)}`;

/** What was not answered, or is there already, is not known: the next step begins with a reading. */
async function created<T>(parts: PartsView, server: Ref, creating: Promise<T>): Promise<T> {
  try {
    return await creating;
  } catch (error) {
    if (error instanceof ProviderError && (error.code === "ambiguous" || error.code === "conflict"))
      parts.forgetUntilSettled(server);
    throw error;
  }
}

/** Every server has them, and they are about people. */
const SYSTEM_SCOPES = new Set(["openid", "profile", "email", "address", "phone", "offline_access", "device_sso"]);

/** `withdraw` takes a scope out of the rules that list it, before it goes. */
export async function setScopes(
  context: OktaContext,
  parts: PartsView,
  server: Ref,
  wanted: readonly ApiScope[],
  withdraw: (scope: string) => Promise<void>,
): Promise<void> {
  const { session, sdk } = context;
  const { scopes } = await parts.ensure(server);
  const api = sdk.authorizationServerApi;
  await makeEqual<ApiScope, ScopeDocument>(wanted, scopes, {
    isSame: isSameScope,
    create: (scope) => {
      if (SYSTEM_SCOPES.has(scope.name))
        return Promise.reject(
          new ProviderError("invalid", `Okta reserves the scope ${scope.name}. Choose another name.`),
        );
      const request = { authServerId: server, oAuth2Scope: scopeBody(scope) as never };
      return created(
        parts,
        server,
        session.write(async () => (await api.createOAuth2Scope(request)) as ScopeDocument),
      );
    },
    change: ({ id }, scope) =>
      session.change(path(server, "scopes", id), changedScope(scope)) as Promise<ScopeDocument>,
    remove: async ({ id, name }) => {
      await withdraw(name);
      await removeSeen(context, {
        what: `scope ${name}`,
        isActive: false,
        remove: () => api.deleteOAuth2Scope({ authServerId: server, scopeId: id }),
        read: readByPath(context, path(server, "scopes", id)),
      });
    },
    note: (list) => {
      parts.change(server, (before) => ({ ...before, scopes: list }));
    },
  });
}

export async function setClaims(
  context: OktaContext,
  parts: PartsView,
  server: Ref,
  wanted: readonly ClaimSetting[],
): Promise<void> {
  const { session, sdk } = context;
  await parts.wantClaims(server);
  const { claims = [] } = await parts.ensure(server);
  const api = sdk.authorizationServerApi;
  await makeEqual<ClaimSetting, ClaimDocument>(wanted, claims, {
    isSame: isSameClaim,
    create: (claim) => {
      const request = { authServerId: server, oAuth2Claim: claimBody(claim) as never };
      const creating = session.write(async () => (await api.createOAuth2Claim(request)) as ClaimDocument);
      return created(parts, server, creating);
    },
    change: ({ id }, claim) =>
      session.change(path(server, "claims", id), changedClaim(claim)) as Promise<ClaimDocument>,
    remove: ({ id, name }) =>
      removeSeen(context, {
        what: `claim ${name}`,
        isActive: false,
        remove: () => api.deleteOAuth2Claim({ authServerId: server, claimId: id }),
        read: readByPath(context, path(server, "claims", id)),
      }),
    note: (list) => {
      parts.change(server, (before) => ({ ...before, claims: list }));
    },
  });
}
