import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import type { Mark } from "../../../src/ports/mark.ts";
import type { ObservedApi, ObservedClient, Provider } from "../../../src/ports/provider.ts";
import { connected } from "../../contract/connected.ts";

const MARK: Mark = {
  instance: "test",
  object: "0123456789abcdef",
  uid: "01234567-89ab-cdef-0123-456789abcdef",
  origin: "made",
  nonce: "00112233445566ff",
};
const SECRET = "not-a-real-secret-of-any-app-at-all";

let sandbox: Sandbox;
let provider: Provider;
let api: ObservedApi;
let client: ObservedClient;
let firstSecret: string;
const open: Provider[] = [];

const connect = async (): Promise<Provider> => {
  const next = await connected("okta", sandbox, { orgUrl: sandbox.okta.url }, { api_token: sandbox.okta.apiToken });
  open.push(next);
  return next;
};

beforeEach(async () => {
  sandbox = await startSandbox();
  const maker = await connect();
  api = await maker.apis.create(
    { audience: "https://a.example.com/", displayName: "a", scopes: [{ name: "a" }], tokens: {} },
    MARK,
  );
  const made = await maker.clients.create(
    { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" },
    MARK,
  );
  client = made.client;
  firstSecret = made.clientSecret ?? "";
  // Another process: what it did not write itself is not young.
  provider = await connect();
});
afterEach(async () => {
  for (const each of open.splice(0)) each.close();
  await sandbox.close();
});

const app = () => sandbox.org.state.apps.get(client.ref);
const NOT_FOUND = { errorCode: "E0000007", errorSummary: "Not found: Resource not found" };
const answer404 = (method: string, path: string): void => {
  sandbox.faults.add({ tenant: "okta", method, path, effect: { status: 404, body: NOT_FOUND } });
};
const WAITS = { code: "unavailable" };

describe("a 404 is not taken for the end of what is there", () => {
  it.each([
    ["deactivation", "POST", "/lifecycle/deactivate$"],
    ["removal", "DELETE", "^/api/v1/apps/[^/]+$"],
  ])("of an app, at its %s", async (_step, method, path) => {
    answer404(method, path);
    await expect(provider.clients.remove(client.ref)).rejects.toMatchObject(WAITS);
    expect(app()).toBeDefined();
    await provider.clients.remove(client.ref);
    expect(app()).toBeUndefined();
  });

  it.each([
    ["deactivation", "POST", "/lifecycle/deactivate$"],
    ["removal", "DELETE", "^/api/v1/authorizationServers/[^/]+$"],
  ])("of an authorization server, at its %s", async (_step, method, path) => {
    await provider.apis.get(api.ref);
    answer404(method, path);
    await expect(provider.apis.remove(api.ref)).rejects.toMatchObject(WAITS);
    expect(sandbox.org.state.servers.has(api.ref)).toBe(true);
    await provider.apis.remove(api.ref);
    expect(sandbox.org.state.servers.has(api.ref)).toBe(false);
  });

  it.each([
    ["deactivation", "POST", "/policies/[^/]+/lifecycle/deactivate$"],
    ["removal", "DELETE", "/policies/[^/]+$"],
  ])("of a policy, at its %s", async (_step, method, path) => {
    const { ref } = await provider.grants.create({ client: client.ref, api, scopes: ["a"] });
    answer404(method, path);
    await expect(provider.grants.remove(ref)).rejects.toMatchObject(WAITS);
    await provider.grants.remove(ref);
    expect(await provider.grants.ofApi(api)).toEqual([]);
  });

  it("of what is below a server, when a client goes: its policies go first all the same", async () => {
    await provider.grants.create({ client: client.ref, api, scopes: ["a"] });
    const other = await connect();
    await other.clients.get(client.ref);
    answer404("GET", "^/api/v1/authorizationServers/[^/]+/(scopes|policies)$");
    await expect(other.clients.remove(client.ref)).rejects.toMatchObject(WAITS);
    expect(app()).toBeDefined();
    await other.clients.remove(client.ref);
    expect(await (await connect()).grants.ofApi(api)).toEqual([]);
  });

  it("of an app that was made a moment ago and is not shown yet", async () => {
    const maker = await connect();
    const { client: young } = await maker.clients.create(
      { displayName: "Young", metadata: {}, authenticationMethod: "client_secret_post" },
      MARK,
    );
    sandbox.org.knobs.eventualConsistencyMs = 60_000;
    await expect(maker.clients.remove(young.ref)).rejects.toMatchObject(WAITS);
    sandbox.org.knobs.eventualConsistencyMs = 0;
    await maker.clients.remove(young.ref);
    expect(sandbox.org.state.apps.has(young.ref)).toBe(false);
  });

  it("but what is gone is gone: the removal succeeds once a read shows it", async () => {
    await provider.clients.get(client.ref);
    sandbox.org.state.apps.delete(client.ref);
    await provider.clients.remove(client.ref);
  });

  it("what somebody activated again meanwhile is deactivated again", async () => {
    Object.assign(app() ?? {}, { status: "INACTIVE" });
    await provider.clients.get(client.ref);
    Object.assign(app() ?? {}, { status: "ACTIVE" });
    await provider.clients.remove(client.ref);
    expect(app()).toBeUndefined();
  });
});

describe("a refusal to delete a policy of a client that goes", () => {
  const refuse = (): void => {
    const body = { errorCode: "E0000006", errorSummary: "You do not have permission" };
    sandbox.faults.add({
      tenant: "okta",
      path: "/policies/[^/]+(/lifecycle/deactivate)?$",
      effect: { status: 403, body },
    });
  };
  const policies = () => [...(sandbox.org.state.servers.get(api.ref)?.policies.values() ?? [])];

  it("keeps the client, where the policy is the operator's", async () => {
    await provider.grants.create({ client: client.ref, api, scopes: ["a"] });
    refuse();
    await expect(provider.clients.remove(client.ref)).rejects.toMatchObject({ code: "role_missing" });
    expect([app() === undefined, policies().length]).toEqual([false, 1]);
    await provider.clients.remove(client.ref);
    expect([app() === undefined, policies().length]).toEqual([true, 0]);
  });

  it("keeps nothing but a policy that somebody else made", async () => {
    await provider.grants.create({ client: client.ref, api, scopes: ["a"] });
    for (const policy of policies()) Object.assign(policy, { description: "By hand" });
    const other = await connect();
    refuse();
    await other.clients.remove(client.ref);
    expect([app() === undefined, policies().length]).toEqual([true, 1]);
  });
});

describe("a secret ends when the org is seen to hold it no longer", () => {
  const secrets = () => app()?.secrets ?? [];

  it("a 404 to the list of secrets of an app that is there is a failed read", async () => {
    answer404("GET", "/credentials/secrets$");
    await expect(provider.clients.addSecret(client.ref, SECRET)).rejects.toMatchObject(WAITS);
    expect(secrets()).toHaveLength(1);
    answer404("GET", "/credentials/secrets$");
    await expect(provider.clients.readSecret(client.ref)).rejects.toMatchObject(WAITS);
  });

  it.each(["deactivate$", "/credentials/secrets/[^/]+$"])("a 404 to its removal at %s is tried again", async (path) => {
    const { others } = await provider.clients.addSecret(client.ref, SECRET);
    answer404(path.startsWith("/") ? "DELETE" : "POST", path);
    await expect(provider.clients.removeSecret(client.ref, others[0] ?? "")).rejects.toMatchObject(WAITS);
    expect(secrets()).toHaveLength(2);
    await provider.clients.removeSecret(client.ref, others[0] ?? "");
    expect(secrets().map(({ client_secret: value }) => value)).toEqual([SECRET]);
  });

  it("an answer of success that removed nothing is not believed", async () => {
    const { others } = await provider.clients.addSecret(client.ref, SECRET);
    sandbox.faults.add({
      ...{ tenant: "okta", method: "DELETE", path: "/credentials/secrets/" },
      effect: { status: 204 },
    });
    await expect(provider.clients.removeSecret(client.ref, others[0] ?? "")).rejects.toMatchObject(WAITS);
    expect(secrets()).toHaveLength(2);
  });

  it("where the list is refused, no secret is added, since none could be ended", async () => {
    sandbox.org.knobs.masksSecrets = "refuse";
    await expect(provider.clients.addSecret(client.ref, SECRET)).rejects.toMatchObject({
      code: "role_missing",
      message: expect.stringContaining("may not list the secrets") as string,
    });
    expect(secrets()).toHaveLength(1);
    expect(await provider.clients.readSecret(client.ref)).toBeUndefined();
  });

  it("one whose id is not known is found by its value", async () => {
    const { ref } = await provider.clients.addSecret(client.ref, SECRET);
    await provider.clients.removeSecretByValue(client.ref, firstSecret, [ref]);
    expect(secrets().map(({ client_secret: value }) => value)).toEqual([SECRET]);
    await provider.clients.removeSecretByValue(client.ref, firstSecret, [ref]);
  });

  it.each(["omit", "mask"] as const)(
    "where values are not shown (%s), only what is known of others tells",
    async (how) => {
      const { ref } = await provider.clients.addSecret(client.ref, SECRET);
      sandbox.org.knobs.masksSecrets = how;
      await expect(provider.clients.removeSecretByValue(client.ref, firstSecret, [ref])).rejects.toMatchObject({
        code: "forbidden",
      });
      expect(secrets()).toHaveLength(2);
      Object.assign(app() ?? {}, { secrets: secrets().filter(({ id }) => id === ref) });
      await provider.clients.removeSecretByValue(client.ref, firstSecret, [ref]);
    },
  );
});
