import { AsyncLocalStorage } from "node:async_hooks";
import { afterAll, expect, it, vi } from "vitest";
import { startSandbox } from "../../../sandbox/start.ts";
import type { Fetch } from "../../../src/ports/http-transport.ts";
import { createProvider, limitsOf, bucketsOf } from "../../../src/providers/okta/index.ts";
import { createGovernor } from "../../../src/tenant/governor.ts";
import { createTransport } from "../../../src/transport/transport.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

const sandbox = await startSandbox();
afterAll(() => sandbox.close());

it("what is read behind a look is nobody's work, whoever asked for the look", async () => {
  const clock = createFakeClock();
  const work = new AsyncLocalStorage<string>();
  const seen: (readonly [path: string, work: string | undefined])[] = [];
  const { okta, caPem, auth0 } = sandbox;
  const transport = createTransport({
    ...{ allowedHosts: [auth0.domain], allowPrivateAddresses: true, caBundle: caPem },
    governor: createGovernor(clock, limitsOf({ requestsPerMinute: 60_000, burst: 2000 }), 100),
    ...{ bucketsOf, clock, timeoutMs: 5000, maxBytes: 2_097_152 },
  });
  const fetch: Fetch = (url, init) => {
    seen.push([new URL(new Request(url).url).pathname, work.getStore()]);
    return transport.fetch(url, init);
  };
  const provider = createProvider(
    { orgUrl: okta.url },
    { api_token: okta.apiToken },
    {
      ...{ fetch, clock, timeoutMs: 5000, settleMs: 300, isReadOnly: false },
      ...{ allowedPerSecond: () => 1000, fingerprint: (value: string) => value, warn: () => undefined },
      inBackground: (begin) => {
        work.run("background", begin);
      },
    },
  );
  await work.run("pass", () => provider.probe());
  const byWork = (name: string) => seen.filter(([, of]) => of === name).map(([path]) => path);
  await vi.waitFor(() => {
    expect(byWork("background")).toContainEqual(expect.stringMatching(/\/policies$/));
  });
  expect(byWork("pass")).toContain("/api/v1/apps");
  expect(byWork("pass").filter((path) => path.endsWith("/policies"))).toEqual([]);
  provider.close();
});
