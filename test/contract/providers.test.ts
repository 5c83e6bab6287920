import { createHmac } from "node:crypto";
import { afterAll, afterEach, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { PROVIDERS } from "../../src/providers/registry.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { createGovernor } from "../../src/tenant/governor.ts";
import { createTransport } from "../../src/transport/transport.ts";
import { describeProvider, type Subject } from "./provider.ts";

const clock: Clock = {
  now: () => new Date(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  random: () => 0.5,
};

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
  const module = await PROVIDERS["auth0"]?.();
  if (module === undefined) throw new Error("auth0 is not registered");
  const limits = module.limitsOf({ requestsPerMinute: 60_000, burst: 2000 });
  const { fetch } = createTransport({
    allowedHosts: [auth0.domain],
    allowPrivateAddresses: true,
    caBundle: sandbox.caPem,
    governor: createGovernor(clock, limits, 100),
    bucketsOf: (method, url) => module.bucketsOf(method, url),
    clock,
    timeoutMs: 2000,
  });
  const provider = module.createProvider(
    { domain: auth0.domain },
    { client_id: auth0.clientId, client_secret: auth0.clientSecret },
    {
      fetch,
      clock,
      timeoutMs: 2000,
      isReadOnly: false,
      fingerprint: (value) => createHmac("sha256", "test").update(value).digest("hex"),
    },
  );
  const maps = { client: tenant.state.clients, api: tenant.state.resourceServers, grant: tenant.state.grants } as const;
  return {
    provider,
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
    failNext: (method, status) => {
      faults.add({ method, path: "^/api/", times: 5, effect: { status, body: {} } });
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

const SUBJECTS: Readonly<Record<string, () => Promise<Subject>>> = { auth0: auth0Subject };

it("every registered provider has a subject for the suite", () => {
  expect(Object.keys(SUBJECTS).sort()).toEqual(Object.keys(PROVIDERS).sort());
});

for (const [name, createSubject] of Object.entries(SUBJECTS)) describeProvider(name, createSubject);
