import type { ApiScope, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { KeycloakContext } from "./context.ts";
import type { ScopeDocument } from "./documents.ts";
import { assertFits } from "./lengths.ts";
import { mapperBody, type RealmScope, realmScopeOf, scopeBody } from "./realm-scope.ts";
import type { RealmView } from "./realm-view.ts";

/** Client scopes of one API after the other. A name is unique in the realm. */
interface ApiScopes {
  /** Throws `disputed` for a name that another API or the realm itself has, before anything is written. */
  assertFree(audience: string, scopes: readonly ApiScope[]): void;
  /** Brings the API's client scopes to these. */
  write(audience: string, wanted: readonly ApiScope[]): Promise<void>;
  /** Undoes manual changes of those that it has. */
  restore(audience: string): Promise<void>;
  removeAll(audience: string): Promise<void>;
}

/** In the realm, or given by Keycloak in a way of its own whether it is there or not. */
const RESERVED = new Set(["openid", "offline_access"]);

export function createApiScopes({ session, clock }: KeycloakContext, view: RealmView): ApiScopes {
  const reread = async (ref: Ref): Promise<void> => {
    const document = await session.get<ScopeDocument>(`/client-scopes/${ref}`);
    view.scopes.put(realmScopeOf(document, clock.now()));
  };
  const remove = async ({ ref }: RealmScope): Promise<void> => {
    await session.remove(`/client-scopes/${ref}`);
    view.scopes.drop(ref);
  };
  const create = async (audience: string, { name, description = "" }: ApiScope): Promise<void> => {
    const body = { ...scopeBody(name, description, audience), protocolMappers: [mapperBody(audience)] };
    try {
      await reread((await session.create("/client-scopes", body)) as Ref);
    } catch (error) {
      if (!(error instanceof ProviderError) || error.code !== "conflict") throw error;
      // Ours, if an answer was lost.
      await view.scopes.refresh(clock.now());
      assertFree(audience, [{ name }]);
    }
  };
  const assertFree = (audience: string, scopes: readonly ApiScope[]): void => {
    for (const { name, description } of scopes) {
      assertFits({ "a scope's name": name, "a scope's description": description });
      const taken = view.scopes.byIndex("name", name).find((scope) => scope.audience !== audience);
      if (RESERVED.has(name) || taken !== undefined) throw takenBy(name, taken?.audience);
    }
  };
  const rewrite = async (scope: RealmScope, description: string, audience: string): Promise<void> => {
    const path = `/client-scopes/${scope.ref}`;
    await session.change(path, scopeBody(scope.name, description, audience));
    if (scope.isImpaired) await writeMapper(path, scope, audience);
    await reread(scope.ref);
  };
  const writeMapper = async (path: string, { mapper }: RealmScope, audience: string): Promise<void> => {
    const models = `${path}/protocol-mappers/models`;
    if (mapper === undefined) await session.create(models, mapperBody(audience));
    else await session.change(`${models}/${mapper}`, mapperBody(audience, mapper));
  };
  return {
    assertFree,
    write: async (audience, wanted) => {
      const present = new Map(view.scopesOf(audience).map((scope) => [scope.name, scope]));
      for (const scope of wanted) {
        const known = present.get(scope.name);
        if (known === undefined) await create(audience, scope);
        else if (known.description !== (scope.description ?? ""))
          await rewrite(known, scope.description ?? "", audience);
      }
      const names = new Set(wanted.map(({ name }) => name));
      for (const scope of present.values()) if (!names.has(scope.name)) await remove(scope);
    },
    restore: async (audience) => {
      for (const scope of view.scopesOf(audience))
        if (scope.isImpaired) await rewrite(scope, scope.description, audience);
    },
    removeAll: async (audience) => {
      for (const scope of [...view.scopesOf(audience)]) await remove(scope);
    },
  };
}

const takenBy = (name: string, audience: string | undefined): ProviderError =>
  new ProviderError(
    "disputed",
    audience === undefined
      ? `The realm itself has a client scope "${name}". Scope names are unique in a realm: rename the scope of the API.`
      : `The API ${audience} has the scope "${name}". Scope names are unique in a realm: rename one of the two.`,
  );
