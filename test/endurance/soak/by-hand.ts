import { edited } from "../../../sandbox/okta/edits.ts";
import type { Sandbox } from "../../../sandbox/start.ts";
import type { Random } from "../random.ts";
import type { Vendor } from "./wishes.ts";

/** What somebody does at a tenant's console to what the operator made; says what, or that there was nothing to do it to. */
export function createConsole(sandbox: Sandbox, random: Random): (vendor: Vendor) => Promise<string> {
  const deeds = { auth0: auth0Deeds(sandbox, random), okta: oktaDeeds(sandbox, random) };
  return async (vendor) => {
    const [name, deed] = random.pick(Object.entries(deeds[vendor]));
    return (await deed()) ? `${vendor}, by hand: ${name}` : `${vendor}, by hand: nothing for "${name}"`;
  };
}

type Deeds = Readonly<Record<string, () => Promise<boolean>>>;

function one<T>(random: Random, choices: readonly T[]): T | undefined {
  return choices.length === 0 ? undefined : random.pick(choices);
}

const OURS = "soak-";

function auth0Deeds({ tenant }: Sandbox, random: Random): Deeds {
  const state = () => tenant.state;
  const client = () =>
    one(
      random,
      [...state().clients.values()].filter(({ name }) => String(name).startsWith(OURS)),
    );
  const api = () =>
    one(
      random,
      [...state().resourceServers.values()].filter(({ identifier }) => identifier.includes(OURS)),
    );
  const grant = () =>
    one(
      random,
      [...state().grants.values()].filter(({ audience }) => audience.includes(OURS)),
    );
  const on =
    <T>(find: () => T | undefined, change: (found: T) => void) =>
    (): Promise<boolean> => {
      const found = find();
      if (found !== undefined) change(found);
      return Promise.resolve(found !== undefined);
    };
  return {
    "renamed a client": on(client, (found) => {
      found["name"] = `${String(found["name"])} by hand`;
    }),
    "rotated a client's secret": on(client, (found) => {
      found.client_secret = `${found.client_secret.slice(1)}x`;
    }),
    "deleted a client": on(client, ({ client_id: id }) => {
      state().clients.delete(id);
      for (const each of [...state().grants.values()]) if (each.client_id === id) state().grants.delete(each.id);
    }),
    "took the scopes of a grant": on(grant, (found) => {
      found.scope = [];
    }),
    "deleted a grant": on(grant, ({ id }) => {
      state().grants.delete(id);
    }),
    "added a scope to an API": on(api, (found) => {
      const scopes = (found["scopes"] ?? []) as readonly object[];
      found["scopes"] = [...scopes, { value: "by:hand" }];
    }),
    "changed the lifetime of an API": on(api, (found) => {
      found["token_lifetime"] = 61;
    }),
  };
}

function oktaDeeds({ org }: Sandbox, random: Random): Deeds {
  const app = () =>
    one(
      random,
      [...org.state.apps.values()].filter(({ label }) => label.startsWith(OURS)),
    );
  const server = () =>
    one(
      random,
      [...org.state.servers.values()].filter(({ audiences }) => audiences.some((each) => each.includes(OURS))),
    );
  const edit = async (method: "PATCH" | "POST" | "DELETE", path: string, body?: object): Promise<boolean> => {
    const { status } = await edited(org, { method, path: `/api/v1/${path}`, body });
    return status < 300;
  };
  const policyPath = (): string | undefined => {
    const found = server();
    const policy = found === undefined ? undefined : one(random, [...found.policies.keys()]);
    return policy === undefined ? undefined : `authorizationServers/${String(found?.id)}/policies/${policy}`;
  };
  const onPolicy = (method: "POST" | "DELETE", suffix: string) => async (): Promise<boolean> => {
    const path = policyPath();
    return path !== undefined && (await edit(method, `${path}${suffix}`));
  };
  return {
    "renamed an app": async () => {
      const found = app();
      return found !== undefined && (await edit("PATCH", `apps/${found.id}`, { label: `${found.label} by hand` }));
    },
    "switched an app off": async () => {
      const found = app();
      return found !== undefined && (await edit("POST", `apps/${found.id}/lifecycle/deactivate`));
    },
    "deleted a policy": onPolicy("DELETE", ""),
    "switched a policy off": onPolicy("POST", "/lifecycle/deactivate"),
    "renamed a server": async () => {
      const found = server();
      return found !== undefined && (await edit("PATCH", `authorizationServers/${found.id}`, { name: "by hand" }));
    },
    "deleted a scope": async () => {
      const found = server();
      const scopes = [...(found?.scopes.values() ?? [])].filter(({ system }) => !system);
      const scope = one(random, scopes);
      return (
        scope !== undefined && (await edit("DELETE", `authorizationServers/${String(found?.id)}/scopes/${scope.id}`))
      );
    },
    "added a scope": async () => {
      const found = server();
      return (
        found !== undefined && (await edit("POST", `authorizationServers/${found.id}/scopes`, { name: "by:hand" }))
      );
    },
  };
}
