import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Fault } from "../../../sandbox/faults.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import type { Provider, Ref } from "../../../src/ports/provider.ts";
import { connected } from "../../contract/connected.ts";

const CALLS = 20;
/** Of connections, which come and go with calls. */
const SOME = 6;
const NOBODY = "nobody" as Ref;

const FAILURES: readonly (readonly [string, Fault["effect"]])[] = [
  ["is dropped before it is done", { drop: "before" }],
  ["is dropped after it was done", { drop: "after" }],
  ["takes too long", { latencyMs: 1000 }],
  ["is answered with a page", { status: 200, body: "<html></html>", headers: { "content-type": "text/html" } }],
  ["is answered with 503", { status: 503, body: {} }],
  ["is answered with 401", { status: 401, body: {} }],
];

const timers = (): number => process.getActiveResourcesInfo().filter((type) => type === "Timeout").length;

describe.each(["auth0", "okta"] as const)("a call of %s that fails", (vendor) => {
  let sandbox: Sandbox;
  let provider: Provider;
  beforeAll(async () => {
    sandbox = await startSandbox();
    const { auth0, okta } = sandbox;
    const [variant, credentials] =
      vendor === "auth0"
        ? [{ domain: auth0.domain }, { client_id: auth0.clientId, client_secret: auth0.clientSecret }]
        : [{ orgUrl: okta.url }, { api_token: okta.apiToken }];
    provider = await connected(vendor, sandbox, variant, credentials, { timeoutMs: 300 });
    await provider.clients.get(NOBODY);
  });
  afterAll(async () => {
    provider.close();
    await sandbox.close();
  });

  it.each(FAILURES)("because it %s leaves no timer", async (_how, effect) => {
    const before = timers();
    sandbox.faults.add({ tenant: vendor, times: 1_000_000, effect });
    const calls = Array.from({ length: CALLS }, async () => provider.clients.get(NOBODY));
    const results = await Promise.allSettled(calls);
    sandbox.faults.clear();
    expect(results.filter(({ status }) => status === "fulfilled")).toEqual([]);
    await vi.waitFor(() => {
      expect(timers()).toBeLessThanOrEqual(before + SOME);
    }, 10_000);
  });
});
