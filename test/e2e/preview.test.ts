import { afterAll, beforeAll, expect, it } from "vitest";
import type { AnyObject } from "../integration/cluster.ts";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
let ns: string;
beforeAll(async () => {
  world = await createWorld();
  ns = await world.namespace();
  // The operator's own token is no part of what is counted.
  await world.reason("ClusterIdentityProvider", "", world.provider, "Ready");
});
afterAll(() => world.end());

const writes = (since: number) =>
  world.sandbox.calls
    .since(since)
    .filter(({ method, path }) => (method !== "GET" && path.startsWith("/api/")) || path === "/oauth/token")
    .map(({ method, path }) => `${method} ${path}`);
const lastCall = () => world.sandbox.calls.since(0).at(-1)?.n ?? 0;

interface Step {
  readonly target: string;
  readonly action: string;
  readonly subject?: string;
  readonly destructive?: boolean;
  readonly changes?: readonly { readonly field: string; readonly before?: string; readonly after?: string }[];
}

let counter = 0;
async function preview(spec: object, namespace = ns): Promise<AnyObject> {
  const name = `preview-${String(counter++)}`;
  await world.cluster.apply(world.resource("ChangePreview", namespace, name, spec));
  return (await eventually(
    () => world.cluster.get("ChangePreview", namespace, name),
    (object) => object?.status?.["finishedAt"] !== undefined,
    `ChangePreview ${name} finished`,
  )) as AnyObject;
}

const stepsOf = (object: AnyObject) => (object.status?.["steps"] ?? []) as readonly Step[];
const shown = (object: AnyObject) => stepsOf(object).map(({ target, action }) => `${target}: ${action}`);
const json = (kind: string, name: string, spec: object, metadata: object = {}) =>
  JSON.stringify(world.resource(kind, ns, name, spec, metadata));

const slice = () => {
  const providerRef = { kind: "ClusterIdentityProvider", name: world.provider };
  return [
    [
      "OAuthApi",
      "times",
      {
        providerRef,
        audience: `https://${ns}.example.com/times`,
        scopes: [{ name: "read" }],
        configMap: { name: "times-api" },
      },
    ],
    ["M2MClient", "job", { providerRef }],
    ["ScopeGrant", "job-reads", { clientRef: { name: "job" }, apiRef: { name: "times" }, scopes: ["read"] }],
  ] as const;
};

it("shows before an apply what the operator does after it, and writes nothing", async () => {
  const before = lastCall();
  const object = await preview({ manifests: slice().map(([kind, name, spec]) => json(kind, name, spec)) });
  expect(object.status).toMatchObject({ outcome: "Changes", omittedSteps: 0 });
  expect(conditionOf(object, "Ready")).toMatchObject({ status: "True", reason: "Previewed" });
  expect(writes(before)).toEqual([]);
  expect(await world.cluster.get("Secret", ns, "job")).toBeUndefined();
  expect(await world.cluster.get("OAuthApi", ns, "times")).toBeUndefined();

  for (const [kind, name, spec] of slice()) await world.cluster.apply(world.resource(kind, ns, name, spec));
  for (const [kind, name] of slice()) await world.ready(kind, ns, name);
  const done = writes(before).map((call) => call.replace(/\/(?:[A-Za-z0-9]{32}|cgr_\w+|[0-9a-f]{24})$/, "/ID"));
  const calls = shown(object).filter((step) => step.startsWith("Tenant"));
  expect([...calls].sort()).toEqual([
    "Tenant: create API",
    "Tenant: create client",
    "Tenant: create grant",
    "Tenant: request token",
  ]);
  expect([...done].sort()).toEqual([
    "POST /api/v2/client-grants",
    "POST /api/v2/clients",
    "POST /api/v2/resource-servers",
    "POST /oauth/token",
  ]);

  const secret = stepsOf(object).findLast(({ target, subject }) => target === "Secret" && subject === `${ns}/job`);
  const keys = (secret?.changes ?? []).flatMap(({ field }) => (field.startsWith("data.") ? [field.slice(5)] : []));
  const published = await world.cluster.secret(ns, "job");
  expect(Object.keys(published ?? {})).toEqual(expect.arrayContaining(keys));
  expect(JSON.stringify(object)).not.toContain(published?.["client_secret"]);
  expect(shown(object)).toContain("ConfigMap: create ConfigMap");
});

it("finds nothing to do for what is applied already", async () => {
  const object = await preview({ manifests: slice().map(([kind, name, spec]) => json(kind, name, spec)) });
  expect(object.status).toMatchObject({ outcome: "NoChanges", steps: [] });
});

it("sets deletions apart, with the Secrets that the cluster collects", async () => {
  const object = await preview({ delete: [{ kind: "M2MClient", name: "job" }] });
  const destructive = stepsOf(object).filter((step) => step.destructive === true);
  expect(destructive.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["delete client", "delete M2MClient", "delete Secret (garbage collection)"]),
  );
  expect(await world.cluster.get("M2MClient", ns, "job")).toMatchObject({ metadata: { name: "job" } });
  expect(world.remoteClient((await world.cluster.get("M2MClient", ns, "job"))?.status?.["clientId"])).toBeDefined();
});

it("says what the operator would refuse, with the condition that it would set", async () => {
  const [, [kind, , spec]] = slice();
  const grant = { clientRef: { name: "job" }, apiRef: { name: "times" }, scopes: ["reed"] };
  const object = await preview({ manifests: [json("ScopeGrant", "wrong", grant), json(kind, "other", spec)] });
  expect(object.status).toMatchObject({ outcome: "Refused" });
  const objects = object.status?.["objects"] as readonly {
    readonly object: string;
    readonly refused?: boolean;
    readonly message?: string;
  }[];
  expect(objects.find((one) => one.object === `ScopeGrant ${ns}/wrong`)).toMatchObject({
    refused: true,
    message: expect.stringContaining("reed") as unknown,
  });
});

it("takes only resources of its own namespace, and of three kinds", async () => {
  const [[kind, name, spec]] = slice();
  const elsewhere = await preview({ manifests: [JSON.stringify(world.resource(kind, "default", name, spec))] });
  expect(conditionOf(elsewhere, "Ready")).toMatchObject({ status: "False", reason: "PreviewInvalid" });
  const secret = await preview({
    manifests: [JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "x" } })],
  });
  expect(conditionOf(secret, "Ready")?.message).toContain("none of OAuthApi, M2MClient, ScopeGrant");
});

it("believes no status, UID or finalizer in a manifest", async () => {
  const other = await world.namespace();
  await world.api(other, "theirs");
  const theirs = await world.ready("OAuthApi", other, "theirs");
  const forged = {
    ...(JSON.parse(
      json("OAuthApi", "forged", { ...slice()[0][2], audience: `https://${ns}.example.com/forged` }),
    ) as object),
    status: theirs.status,
  };
  const object = await preview({
    manifests: [JSON.stringify({ ...forged, metadata: { ...theirs.metadata, name: "forged", namespace: ns } })],
  });
  expect(shown(object)).toContain("Tenant: create API");
  expect(JSON.stringify(object.status)).not.toContain(String(theirs.status?.["externalId"]));
});

/** Manifests that have this many characters together. */
function manifestsOf(count: number, characters: number, filling: string): readonly string[] {
  const [[kind, , { providerRef, scopes }]] = slice();
  const spec = { providerRef, scopes };
  const manifest = (index: number, note: string): string =>
    json(
      kind,
      `api-${String(index)}`,
      { ...spec, audience: `https://${ns}.example.com/${String(index)}` },
      { annotations: { note } },
    );
  return Array.from({ length: count }, (_each, index) => {
    const rest = Math.floor(characters / count) - manifest(index, "").length;
    return manifest(index, filling.repeat(rest));
  });
}

it("has room for its result beside the largest manifests, and says so when there is none", async () => {
  const largest = await preview({ manifests: manifestsOf(400, 1_000_000, "x") });
  expect(largest.status).toMatchObject({ outcome: "Changes" });
  expect(stepsOf(largest).length + Number(largest.status?.["omittedSteps"])).toBeGreaterThan(400);
  // Three bytes each: within the bound of characters, and nearly all that etcd takes of one object.
  const full = await preview({ manifests: manifestsOf(400, 560_000, "\u20ac") });
  expect(conditionOf(full, "Ready")).toMatchObject({ status: "False", reason: "PreviewInvalid" });
  expect(conditionOf(full, "Ready")?.message).toContain("Preview fewer resources at once.");
  await expect(preview({ manifests: manifestsOf(400, 1_000_400, "x") })).rejects.toThrow(
    "more than 1,000,000 characters together: preview fewer resources at once",
  );
});

it("answers no more than ten previews of a namespace", async () => {
  const crowded = await world.namespace();
  const spec = { delete: [{ kind: "M2MClient", name: "nobody" }] };
  for (let count = 0; count < 10; count++) await preview(spec, crowded);
  const last = await preview(spec, crowded);
  expect(conditionOf(last, "Ready")).toMatchObject({ status: "False", reason: "TooManyPreviews" });
});

it("deletes a preview ten minutes after it was finished, and none before", async () => {
  const crowded = await world.namespace();
  const old = await preview({ delete: [{ kind: "M2MClient", name: "nobody" }] }, crowded);
  const recent = await preview({ delete: [{ kind: "M2MClient", name: "nobody" }] }, crowded);
  // As an operator finds them that starts at that time.
  await world.stopOperator();
  const finished = (minutesAgo: number) => ({ finishedAt: new Date(Date.now() - minutesAgo * 60_000).toISOString() });
  await world.cluster.patchStatus("ChangePreview", crowded, recent.metadata.name, finished(9));
  await world.cluster.patchStatus("ChangePreview", crowded, old.metadata.name, finished(10));
  await world.startOperator();
  await world.gone("ChangePreview", crowded, old.metadata.name);
  // The operator works on this one after it has looked at both.
  await preview({ delete: [{ kind: "M2MClient", name: "nobody" }] }, crowded);
  expect(await world.cluster.get("ChangePreview", crowded, recent.metadata.name)).toBeDefined();
});
