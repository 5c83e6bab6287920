import type { Provider } from "../../ports/provider.ts";

/** One call that changes the tenant or costs quota there, in the words of the provider port. */
export interface TenantCall {
  /** Such as `clients.update`. */
  readonly call: string;
  readonly args: readonly unknown[];
}

const WRITES = {
  apis: ["create", "update", "remove"],
  clients: [
    "create",
    "update",
    "replaceSecret",
    "addSecret",
    "removeSecret",
    "removeSecretByValue",
    "setPublicKeys",
    "addPublicKey",
    "removePublicKey",
    "remove",
  ],
  grants: ["create", "update", "remove"],
} as const satisfies { readonly [Room in "apis" | "clients" | "grants"]: readonly (keyof Provider[Room])[] };

type Call = (...args: readonly unknown[]) => Promise<unknown>;

/** The same provider, which tells every write and token request before it makes it. */
export function tellingWrites(provider: Provider, tell: (call: TenantCall) => void): Provider {
  const told = <T extends object>(room: string, calls: T, names: readonly string[]): T => {
    const members = calls as Readonly<Record<string, Call>>;
    const telling = names.map((name): [string, Call] => [
      name,
      async (...args) => {
        tell({ call: `${room}.${name}`, args });
        return members[name]?.(...args);
      },
    ]);
    return { ...calls, ...Object.fromEntries(telling) };
  };
  return {
    ...provider,
    apis: told("apis", provider.apis, WRITES.apis),
    clients: told("clients", provider.clients, WRITES.clients),
    grants: told("grants", provider.grants, WRITES.grants),
    requestToken: async (request) => {
      tell({ call: "tokens.request", args: [request] });
      return provider.requestToken(request);
    },
  };
}
