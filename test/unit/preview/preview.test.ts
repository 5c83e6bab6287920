import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import { previewChange } from "../../../src/assembly/preview/preview.ts";
import { PROVIDER, pooledKey, startWorld } from "../../preview/live-world.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const providerRef = { kind: "ClusterIdentityProvider", name: PROVIDER };
const ALLOW = [{ namespaces: { from: "All" } }];
const slice = {
  namespace: "payroll",
  remove: [],
  apply: [
    {
      kind: "OAuthApi",
      name: "timesheets",
      spec: { providerRef, audience: "https://timesheets.example.com/", scopes: [{ name: "read" }, { name: "write" }] },
    },
    { kind: "M2MClient", name: "job", spec: { providerRef } },
    {
      kind: "ScopeGrant",
      name: "job-reads",
      spec: { clientRef: { name: "job" }, apiRef: { name: "timesheets" }, scopes: ["read"] },
    },
  ],
} as const;

it.each(["auth0", "okta"] as const)("shows what would be created, and writes nothing (%s)", async (vendor) => {
  const world = await startWorld(vendor, sandbox, ALLOW);
  const before = sandbox.calls.since(0).filter(({ method }) => method !== "GET").length;
  const preview = await previewChange({ live: world.live, key: pooledKey }, slice);
  console.log(JSON.stringify(preview, null, 1));
  expect(sandbox.calls.since(0).filter(({ method }) => method !== "GET")).toHaveLength(before);
  await world.play(slice);
  const after = await previewChange({ live: world.live, key: pooledKey }, slice);
  console.log(JSON.stringify(after, null, 1));
});
