import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { PROVIDERS } from "../../src/providers/by-name.ts";
import { clock, connected } from "./connected.ts";
import { describeProvider, type Subject } from "./provider.ts";

const sandboxes: Sandbox[] = [];
afterEach(() => {
  for (const { faults } of sandboxes) faults.clear();
});
afterAll(async () => {
  await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
});

async function auth0Subject(): Promise<Subject> {
  const sandbox = await startSandbox();
  sandboxes.push(sandbox);
  const { auth0, tenant, faults } = sandbox;
  const credentials = { client_id: auth0.clientId, client_secret: auth0.clientSecret };
  const connect = () => connected("auth0", sandbox, { domain: auth0.domain }, credentials);
  const provider = await connect();
  const maps = { client: tenant.state.clients, api: tenant.state.resourceServers, grant: tenant.state.grants } as const;
  return {
    provider,
    connect,
    clock,
    rotateByHand: (clientId, secret) => {
      Object.assign(tenant.state.clients.get(clientId) ?? {}, { client_secret: secret });
    },
    removeByHand: (kind) => {
      maps[kind].clear();
    },
    loseNextAnswer: (method) => {
      faults.add({ method, path: "^/api/", effect: { drop: "after" } });
    },
    failNext: (method, status, times = 5) => {
      faults.add({ method, path: "^/api/", times, effect: { status, body: {} } });
    },
    revokeTokens: () => {
      // Times in tokens are whole seconds.
      tenant.revokedBefore = Math.floor(Date.now() / 1000) * 1000 + 1;
      setTimeout(() => {
        tenant.revokedBefore = 0;
      }, 0);
    },
  };
}

async function oktaSubject(): Promise<Subject> {
  const sandbox = await startSandbox();
  sandboxes.push(sandbox);
  const { okta, org, faults } = sandbox;
  // The operator's own app, so that it has a token that can be refused.
  const { clientId, privateKey, keyId } = org.operator;
  const credentials = { client_id: clientId, private_key: privateKey, key_id: keyId };
  const connect = () => connected("okta", sandbox, { orgUrl: okta.url }, credentials);
  const provider = await connect();
  return {
    provider,
    connect,
    clock,
    rotateByHand: (id, secret) => {
      for (const app of org.state.apps.values())
        if (app.clientId === id) Object.assign(app.secrets[0] ?? {}, { client_secret: secret });
    },
    removeByHand: (kind) => {
      if (kind === "api")
        for (const server of org.state.servers.values()) if (!server.default) org.state.servers.delete(server.id);
      if (kind === "client") org.state.apps.clear();
      if (kind === "grant") for (const server of org.state.servers.values()) server.policies.clear();
    },
    loseNextAnswer: (method) => {
      faults.add({ tenant: "okta", method, path: "^/api/", effect: { drop: "after" } });
    },
    failNext: (method, status, times = 5) => {
      faults.add({ tenant: "okta", method, path: "^/api/", times, effect: { status, body: {} } });
    },
    revokeTokens: () => {
      // Times in tokens are whole seconds.
      org.knobs.revokedBefore = Math.floor(Date.now() / 1000) * 1000 + 1;
      setTimeout(() => {
        org.knobs.revokedBefore = 0;
      }, 0);
    },
  };
}

const SUBJECTS: Readonly<Record<string, () => Promise<Subject>>> = { auth0: auth0Subject, okta: oktaSubject };

/** Providers whose subject is a real server, and where it is. */
const REAL_SERVERS: Readonly<Record<string, string>> = { keycloak: "test/integration/keycloak/contract.test.ts" };

it("every registered provider has a subject for the suite", () => {
  expect([...Object.keys(SUBJECTS), ...Object.keys(REAL_SERVERS)].sort()).toEqual(Object.keys(PROVIDERS).sort());
  for (const [name, path] of Object.entries(REAL_SERVERS))
    expect(readFileSync(join(import.meta.dirname, "../..", path), "utf8")).toContain(`describeProvider("${name}"`);
});

for (const [name, createSubject] of Object.entries(SUBJECTS)) describeProvider(name, createSubject);
