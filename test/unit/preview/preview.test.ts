import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import { previewChange } from "../../../src/assembly/preview/preview.ts";
import { PROVIDER, pooledKey, startWorld } from "../../preview/live-world.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
}, 120_000);
afterAll(() => sandbox.close());

const providerRef = { kind: "ClusterIdentityProvider", name: PROVIDER };
const ALLOW = [{ namespaces: { from: "All" } }];
const api = (name: string) => ({
  kind: "OAuthApi" as const,
  name,
  spec: { providerRef, audience: `https://${name}.example.com/`, scopes: [{ name: "read" }, { name: "write" }] },
});
const client = (name: string, spec: object = {}) => ({
  kind: "M2MClient" as const,
  name,
  spec: { providerRef, ...spec },
});
const grant = (name: string, of: string, on: string) => ({
  kind: "ScopeGrant" as const,
  name,
  spec: { clientRef: { name: of }, apiRef: { name: on }, scopes: ["read"] },
});
const change = {
  namespace: "payroll",
  remove: [],
  apply: [api("times"), client("job"), grant("reads", "job", "times")],
};

/** Two idle cores need less than 3 s. Other tests beside this one cost more. */
const SLOWEST_SECONDS = 9;

const writes = () => sandbox.calls.since(0).filter(({ method, path }) => method !== "GET" && path.startsWith("/api/"));

it.each(["auth0", "okta"] as const)("previews what is not there, and nothing once it is there (%s)", async (vendor) => {
  const world = await startWorld(vendor, sandbox, ALLOW);
  const before = writes().length;
  const preview = await previewChange({ live: world.live, key: pooledKey }, change);
  expect(writes()).toHaveLength(before);
  expect(preview).toMatchObject({ outcome: "Changes", isComplete: true });
  const calls = preview.steps.filter(({ target }) => target === "Tenant").map(({ action }) => action);
  expect(calls).toEqual(
    expect.arrayContaining(["create API", "create client", "create grant", "request token"]) as unknown,
  );
  expect(preview.objects.map(({ ready }) => ready?.reason)).toEqual(["Ready", "Ready", "Ready"]);
  await world.play(change);
  const after = await previewChange({ live: world.live, key: pooledKey }, change);
  expect(after).toMatchObject({ outcome: "NoChanges", steps: [] });
});

it("shows fields with their values before and after, and sets apart what takes something away", async () => {
  const world = await startWorld("auth0", sandbox, ALLOW);
  const first = { ...change, apply: [api("shown"), client("job"), grant("reads", "job", "shown")] };
  await world.play(first);
  const removed = grant("reads", "job", "shown");
  const edited = { ...change, apply: [client("job", { displayName: "Nightly" })], remove: [removed] };
  const { steps } = await previewChange({ live: world.live, key: pooledKey }, edited);
  expect(steps.find(({ action }) => action === "update client")?.changes).toEqual([
    { field: "displayName", before: "job", after: "Nightly" },
  ]);
  expect(steps.filter(({ isDestructive }) => isDestructive).map(({ action }) => action)).toEqual(
    expect.arrayContaining(["delete grant", "delete ScopeGrant"]) as unknown,
  );
});

it("previews 500 resources within seconds, and makes no request", async () => {
  const world = await startWorld("auth0", sandbox, ALLOW);
  const numbers = Array.from({ length: 200 }, (_, index) => String(index));
  const many = {
    ...change,
    apply: [
      ...numbers.slice(0, 100).map((number) => api(`api-${number}`)),
      ...numbers.map((number) => client(`client-${number}`)),
      ...numbers.map((number) => grant(`grant-${number}`, `client-${number}`, `api-${String(Number(number) % 100)}`)),
    ],
  };
  // The operator has read the metadata document long before.
  await world.provider.sharedMetadata();
  const before = sandbox.calls.since(0).length;
  const used = process.cpuUsage();
  const preview = await previewChange({ live: world.live, key: pooledKey }, many);
  // Of the processor's time alone: other tests run beside this one.
  const seconds = process.cpuUsage(used).user / 1e6;
  expect(sandbox.calls.since(0)).toHaveLength(before);
  expect(preview.objects.filter(({ ready }) => ready?.status === "True")).toHaveLength(500);
  expect(seconds).toBeLessThan(SLOWEST_SECONDS);
}, 120_000);
