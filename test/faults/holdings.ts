import { textProperty } from "../../sandbox/auth0/state.ts";
import type { Sandbox } from "../../sandbox/start.ts";

/**
 * What the tenant holds beside its seed, one line each, sorted: of others and of the operator. Two of a kind are two lines, so
 * that comparing lists finds what is missing, doubled, left over or different.
 */
export function holdingsOf(vendor: "auth0" | "okta", { tenant, org }: Sandbox): readonly string[] {
  return (vendor === "auth0" ? ofAuth0(tenant) : ofOkta(org)).toSorted();
}

const words = (names: readonly unknown[]): string => names.map(String).toSorted().join(" ");

function ofAuth0({ state, operator }: Sandbox["tenant"]): string[] {
  const scopesOf = (api: Readonly<Record<string, unknown>>): string =>
    words(((api["scopes"] ?? []) as readonly { readonly value: string }[]).map(({ value }) => value));
  const nameOf = (id: string): string => textProperty(state.clients.get(id) ?? {}, "name") ?? "nobody";
  return [
    ...[...state.resourceServers.values()]
      .filter((api) => api["is_system"] !== true)
      .map((api) => apiLine(api.identifier, scopesOf(api), Number(api["token_lifetime"]))),
    ...[...state.clients.values()]
      .filter((client) => client["global"] !== true && client.client_id !== operator.clientId)
      .map(({ client_id: id, client_authentication_methods: keyed, ...client }) =>
        clientLine(
          String(client["name"]),
          keyed === undefined ? "secret" : "key",
          keyed === undefined ? 1 : (state.credentials.get(id) ?? []).length,
        ),
      ),
    ...[...state.grants.values()]
      .filter((grant) => grant.client_id !== operator.clientId)
      .map((grant) => grantLine(nameOf(grant.client_id), grant.audience, words(grant.scope ?? []))),
  ];
}

interface RuleParts {
  readonly conditions: { readonly scopes?: { readonly include?: readonly string[] } };
  readonly actions: { readonly token?: { readonly accessTokenLifetimeMinutes?: number } };
}

function ofOkta({ state, operator }: Sandbox["org"]): string[] {
  const apps = [...state.apps.values()].filter((app) => app.clientId !== operator.clientId);
  const servers = [...state.servers.values()].filter((server) => !server.default);
  const nameOf = (id: string | undefined): string => apps.find((app) => app.clientId === id)?.label ?? "nobody";
  const stateOf = (status: string): string => (status === "ACTIVE" ? "" : ` ${status}`);
  return [
    ...apps.map((app) =>
      clientLine(
        `${app.label}${stateOf(app.status)}`,
        app.authMethod === "private_key_jwt" ? "key" : "secret",
        app.authMethod === "private_key_jwt" ? app.keys.length : app.secrets.length,
      ),
    ),
    ...servers.map((server) =>
      apiLine(
        `${server.audiences.join(" ")}${stateOf(server.status)}`,
        words([...server.scopes.values()].filter(({ system }) => !system).map(({ name }) => name)),
        undefined,
      ),
    ),
    ...servers.flatMap((server) =>
      [...server.policies.values()].flatMap((policy) => {
        const [client] = policy.conditions.clients.include;
        const rules = [...policy.rules.values()] as unknown as readonly RuleParts[];
        if (rules.length === 0) return [`a policy of ${nameOf(client)} without a rule`];
        return rules.map(({ conditions, actions }) =>
          grantLine(
            `${nameOf(client)}${stateOf(policy.status)}`,
            server.audiences.join(" "),
            words(conditions.scopes?.include ?? []),
            (actions.token?.accessTokenLifetimeMinutes ?? 0) * 60,
          ),
        );
      }),
    ),
  ];
}

/** `seconds`: lifetime of tokens where the vendor keeps it with the API. */
export const apiLine = (audience: string, scopes: string, seconds: number | undefined): string =>
  `API ${audience} of ${scopes}${lived(seconds)}`;
export const clientLine = (name: string, method: "secret" | "key", credentials: number): string =>
  `client ${name} with ${String(credentials)} ${method}`;
/** `seconds`: lifetime of tokens where the vendor keeps it with the grant. */
export const grantLine = (client: string, audience: string, scopes: string, seconds?: number): string =>
  `grant of ${scopes} at ${audience} to ${client}${lived(seconds)}`;

const lived = (seconds: number | undefined): string =>
  seconds === undefined || Number.isNaN(seconds) ? "" : ` for ${String(seconds)} s`;
