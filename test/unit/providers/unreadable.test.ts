import { afterEach, expect, it, vi } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import type { Mark } from "../../../src/ports/mark.ts";
import type { Drift, Provider } from "../../../src/ports/provider.ts";
import { connected } from "../../contract/connected.ts";

const MARK: Mark = {
  instance: "test",
  object: "0123456789abcdef",
  uid: "uid",
  origin: "made",
  nonce: "00112233445566ff",
};
const JOB = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
const apiSpec = (name: string) => ({
  audience: `https://${name}.example.com/`,
  displayName: name,
  scopes: [{ name: "a" }],
  tokens: {},
});
const FOREVER = 1_000_000;

/** A moment after everything that was done so far: what happened in one millisecond has no order. */
async function later(): Promise<Date> {
  const before = Date.now();
  await vi.waitFor(() => {
    expect(Date.now()).toBeGreaterThan(before);
  });
  return new Date();
}

const opened: { readonly sandbox: Sandbox; readonly providers: Provider[] }[] = [];
afterEach(async () => {
  for (const { sandbox, providers } of opened.splice(0)) {
    for (const provider of providers) provider.close();
    await sandbox.close();
  }
});

type Warning = readonly [message: string, about: Readonly<Record<string, string>>];

async function tenant(vendor: "auth0" | "okta") {
  const sandbox = await startSandbox();
  const providers: Provider[] = [];
  opened.push({ sandbox, providers });
  const warnings: Warning[] = [];
  const connect = async (): Promise<Provider> => {
    const { auth0, okta } = sandbox;
    const [variant, credentials] =
      vendor === "auth0"
        ? [{ domain: auth0.domain }, { client_id: auth0.clientId, client_secret: auth0.clientSecret }]
        : [{ orgUrl: okta.url }, { api_token: okta.apiToken }];
    const provider = await connected(vendor, sandbox, variant, credentials, {
      warn: (message, about) => warnings.push([message, about]),
    });
    providers.push(provider);
    return provider;
  };
  const refuse = (path: string, body: object): void => {
    sandbox.faults.add({ tenant: vendor, method: "GET", path, times: FOREVER, effect: { status: 403, body } });
  };
  return { sandbox, connect, refuse, warnings };
}

const ROLE_MISSING = { errorCode: "E0000006", errorSummary: "You do not have permission" };
const FORBIDDEN = { statusCode: 403, error: "Forbidden", message: "Not for you" };
const below = (ref: string): string => `^/api/v1/authorizationServers/${ref}/`;

it("Okta: servers out of reach cost nothing but themselves, and are named", async () => {
  const { connect, refuse, warnings, sandbox } = await tenant("okta");
  const before = await connect();
  const [hidden, hiddenToo, open] = [
    await before.apis.create(apiSpec("hidden"), { ...MARK, uid: "1" }),
    await before.apis.create(apiSpec("hidden-too"), { ...MARK, uid: "2" }),
    await before.apis.create(apiSpec("open"), { ...MARK, uid: "3" }),
  ];
  const { client } = await before.clients.create(JOB, MARK);
  const granted = await before.grants.create({ client: client.ref, api: open, scopes: ["a"] });
  refuse(below(hidden.ref), ROLE_MISSING);
  refuse(below(hiddenToo.ref), ROLE_MISSING);

  const provider = await connect();
  const drifts: Drift[] = [];
  provider.onDrift((drift) => drifts.push(drift));
  await provider.probe();
  await vi.waitFor(() => {
    expect(provider.unreadable()).toHaveLength(2);
    expect(provider.apis.isKnown(open.ref)).toBe(true);
  }, 10_000);
  expect(
    provider
      .unreadable()
      .map(({ what }) => what)
      .sort(),
  ).toEqual([`authorization server hidden (${hidden.ref})`, `authorization server hidden-too (${hiddenToo.ref})`]);
  expect(warnings.map(([, { what }]) => what).sort()).toEqual(
    provider
      .unreadable()
      .map(({ what }) => what)
      .sort(),
  );
  // The oldest reading is that of what can be read.
  expect(provider.oldestReadAt()).toBeInstanceOf(Date);
  expect((await provider.apis.get(open.ref))?.scopes).toHaveLength(1);
  expect((await provider.grants.ofClient(client.ref))?.map(({ ref }) => ref)).toEqual([granted.ref]);
  // Anyone who needs a hidden one is woken, and learns why.
  expect(drifts).toContainEqual({ kind: "api", ref: hidden.ref, isFirstRead: true });
  expect(provider.apis.isKnown(hidden.ref)).toBe(true);
  await expect(provider.apis.get(hidden.ref)).rejects.toMatchObject({ code: "role_missing" });

  warnings.splice(0);
  await provider.clients.remove(client.ref);
  expect([...sandbox.org.state.apps.values()].some(({ clientId }) => clientId === client.clientId)).toBe(false);
  expect(await provider.grants.ofApi(open)).toEqual([]);
  expect(warnings.map(([message, { server, clientId }]) => [message, server, clientId]).sort()).toEqual(
    [hidden, hiddenToo]
      .map(({ ref }) => ["an authorization server may still have policies for a deleted client", ref, client.clientId])
      .sort(),
  );
});

it("Okta: a server that fails for another reason keeps a client from being deleted", async () => {
  const { connect, sandbox } = await tenant("okta");
  const before = await connect();
  const api = await before.apis.create(apiSpec("failing"), MARK);
  const { client } = await before.clients.create(JOB, MARK);
  const provider = await connect();
  const effect = { status: 503, body: {} };
  sandbox.faults.add({ tenant: "okta", method: "GET", path: below(api.ref), times: FOREVER, effect });
  await provider.clients.get(client.ref);
  await expect(provider.clients.remove(client.ref)).rejects.toMatchObject({ code: "unavailable" });
  expect([...sandbox.org.state.apps.values()].some(({ clientId }) => clientId === client.clientId)).toBe(true);
});

it("Okta: what can be read again is named no longer", async () => {
  const { connect, refuse, sandbox } = await tenant("okta");
  const api = await (await connect()).apis.create(apiSpec("hidden"), MARK);
  refuse(below(api.ref), ROLE_MISSING);
  const provider = await connect();
  await provider.probe();
  await vi.waitFor(() => {
    expect(provider.unreadable()).toHaveLength(1);
  }, 10_000);
  sandbox.faults.clear();
  await provider.apis.get(api.ref);
  await provider.refresh(await later());
  await vi.waitFor(() => {
    expect(provider.unreadable()).toEqual([]);
  }, 10_000);
});

it("Okta: of a server that was deleted by hand it is known at once that it is gone, also after a restart", async () => {
  const { connect, sandbox } = await tenant("okta");
  // Who made it a moment ago would not believe so soon that it is gone.
  const api = await (await connect()).apis.create(apiSpec("gone"), MARK);
  const before = await connect();
  await before.refresh(await later());
  sandbox.org.state.servers.delete(api.ref);
  await before.refresh(await later());
  const restarted = await connect();
  await restarted.probe();
  for (const provider of [before, restarted]) {
    expect(provider.apis.isKnown(api.ref)).toBe(true);
    expect(await provider.apis.get(api.ref)).toBeUndefined();
  }
});

it("Auth0: a refused listing of grants leaves APIs and clients as they were, and is named", async () => {
  const { connect, refuse, warnings, sandbox } = await tenant("auth0");
  const before = await connect();
  const api = await before.apis.create(apiSpec("open"), MARK);
  const { client } = await before.clients.create(JOB, MARK);
  refuse("^/api/v2/client-grants$", FORBIDDEN);
  const provider = await connect();
  await provider.probe();
  await provider.refresh(await later());
  await provider.refresh(await later());
  expect(provider.refreshedAt()).toBeInstanceOf(Date);
  expect(provider.oldestReadAt()).toBeInstanceOf(Date);
  expect(provider.unreadable().map(({ what }) => what)).toEqual(["client grants"]);
  expect(warnings.map(([, { what }]) => what)).toEqual(["client grants"]);
  expect((await provider.apis.get(api.ref))?.ref).toBe(api.ref);
  expect((await provider.clients.get(client.ref))?.ref).toBe(client.ref);
  expect(await provider.grants.ofClient(client.ref)).toBeUndefined();
  await expect(provider.grants.find(client.ref, api, false)).rejects.toMatchObject({ code: "forbidden" });
  sandbox.faults.clear();
  await provider.refresh(await later());
  expect(provider.unreadable()).toEqual([]);
  expect(await provider.grants.ofClient(client.ref)).toEqual([]);
});

it("Auth0: when every listing is refused, so is the refresh", async () => {
  const { connect, refuse } = await tenant("auth0");
  const provider = await connect();
  refuse("^/api/v2/", FORBIDDEN);
  await expect(provider.refresh(await later())).rejects.toMatchObject({ code: "forbidden" });
  expect(provider.refreshedAt()).toBeUndefined();
});

it("Auth0: refused organizations cost the grants that need them alone, and are named", async () => {
  const { connect, refuse, warnings } = await tenant("auth0");
  const provider = await connect();
  const api = await provider.apis.create(apiSpec("open"), MARK);
  const [one, two] = [await provider.clients.create(JOB, MARK), await provider.clients.create(JOB, MARK)];
  for (const { client } of [one, two]) await provider.grants.create({ client: client.ref, api, scopes: ["a"] });
  expect((await provider.grants.find(one.client.ref, api, true))?.organizations.ids).toEqual([]);
  refuse("^/api/v2/client-grants/[^/]+/organizations$", FORBIDDEN);
  await provider.refresh(await later());
  expect(provider.unreadable().map(({ what }) => what)).toEqual(["organizations of client grants"]);
  expect(warnings).toHaveLength(1);
  expect((await provider.grants.find(two.client.ref, api, false))?.scopes).toEqual(["a"]);
  expect((await provider.grants.find(one.client.ref, api, false))?.scopes).toEqual(["a"]);
  await expect(provider.grants.find(one.client.ref, api, true)).rejects.toMatchObject({ code: "forbidden" });
});
