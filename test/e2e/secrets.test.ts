import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

type Data = Readonly<Record<string, string>>;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.end();
});

const readyClient = async (name: string, spec: object = {}): Promise<string> => {
  const ns = await world.namespace();
  await world.client(ns, name, spec);
  await world.ready("M2MClient", ns, name);
  return ns;
};

it("a deleted Secret is back with the same credential, and no call to the tenant", async () => {
  const ns = await readyClient("job");
  const before = await world.cluster.secret(ns, "job");
  world.sandbox.calls.clear();
  await world.cluster.remove("Secret", ns, "job");
  const after = await eventually(
    () => world.cluster.secret(ns, "job"),
    (secret) => secret !== undefined,
    "the Secret",
  );
  expect(after).toEqual(before);
  expect(world.sandbox.calls.since(0)).toEqual([]);
});

it("an edited Secret is put right, keys that were added go, labels of others stay", async () => {
  const ns = await readyClient("job");
  const before = await world.cluster.secret(ns, "job");
  await world.cluster.patch("Secret", ns, "job", {
    metadata: { labels: { theirs: "kept" } },
    data: { client_id: "bm90LXRoZS1pZA==", extra: "ZXh0cmE=" },
  });
  await eventually(
    () => world.cluster.secret(ns, "job"),
    (secret) => JSON.stringify(sorted(secret)) === JSON.stringify(sorted(before)),
    "the Secret put right",
  );
  expect((await world.cluster.get("Secret", ns, "job"))?.metadata.labels).toMatchObject({ theirs: "kept" });
});

it("what was edited while the operator was down is put right when it starts", async () => {
  const ns = await readyClient("job");
  const before = await world.cluster.secret(ns, "job");
  await world.stopOperator();
  await world.cluster.patch("Secret", ns, "job", { data: { client_secret: "bm90LXRoZS1zZWNyZXQ=" } });
  await world.startOperator();
  await eventually(
    () => world.cluster.secret(ns, "job"),
    (secret) => secret?.["client_secret"] === before?.["client_secret"],
    "the Secret put right",
  );
});

it("a lost state Secret is recovered: same client id, same secret, no rotation", async () => {
  const ns = await readyClient("job");
  const before = await world.cluster.secret(ns, "job");
  await world.cluster.remove("Secret", ns, "job.m2m-state");
  await eventually(
    () => world.cluster.get("Secret", ns, "job.m2m-state"),
    (secret) => secret !== undefined,
    "the state Secret",
  );
  await world.ready("M2MClient", ns, "job");
  expect(await world.cluster.secret(ns, "job")).toEqual(before);
});

it("a state Secret that was changed while the operator was down is read, whatever status recorded of it", async () => {
  const ns = await readyClient("job");
  const before = await world.cluster.secret(ns, "job");
  const state = await world.cluster.get("Secret", ns, "job.m2m-state");
  const { status } = (await world.cluster.get("M2MClient", ns, "job")) ?? {};
  const recorded = `${String(state?.metadata.uid)}/${String(state?.metadata.resourceVersion)}`;
  expect(status?.["stateSecret"]).toMatchObject({ version: recorded });
  expect(JSON.stringify(status)).not.toContain(before?.["client_secret"]);
  await world.stopOperator();
  const stored = (await world.cluster.secret(ns, "job.m2m-state"))?.["current"] ?? "";
  const forged = stored.replace(before?.["client_secret"] ?? "", "a value that a person wrote");
  expect(forged).not.toBe(stored);
  await world.cluster.patch("Secret", ns, "job.m2m-state", {
    data: { current: Buffer.from(forged).toString("base64") },
  });
  await world.startOperator();
  await eventually(
    () => world.cluster.secret(ns, "job.m2m-state"),
    (secret) => secret?.["current"]?.includes(before?.["client_secret"] ?? "") === true,
    "the state Secret put right",
  );
  await world.ready("M2MClient", ns, "job");
  expect((await world.cluster.secret(ns, "job"))?.["client_secret"]).toBe(before?.["client_secret"]);
});

it("somebody else's Secret of the wanted name is refused and untouched, and published once it is gone", async () => {
  const ns = await world.namespace();
  await world.cluster.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "taken", namespace: ns },
    data: { mine: "bWluZQ==" },
  });
  await world.client(ns, "job", { secret: { name: "taken" } });
  const client = await world.reason("M2MClient", ns, "job", "SecretNotOwned");
  expect(conditionOf(client, "Stalled")?.status).toBe("True");
  expect(await world.cluster.secret(ns, "taken")).toEqual({ mine: "mine" });
  await world.cluster.remove("Secret", ns, "taken");
  await world.ready("M2MClient", ns, "job");
  expect(await world.cluster.secret(ns, "taken")).toHaveProperty("client_id");
});

it("keys come in the wanted style with the wanted prefix, and templates add theirs", async () => {
  const ns = await world.namespace();
  await world.api(ns, "portal");
  await world.client(ns, "job", {
    secret: {
      keyStyle: "Env",
      keyPrefix: "AUTH_",
      template: {
        labels: { team: "payroll" },
        apiRefs: [{ as: "portal", name: "portal" }],
        data: { "application.properties": "id={{ client_id }} aud={{ apis.portal.audience }}" },
      },
    },
  });
  await world.ready("M2MClient", ns, "job");
  const secret = await world.cluster.secret(ns, "job");
  expect(secret).toHaveProperty("AUTH_CLIENT_SECRET");
  expect(secret?.["application.properties"]).toBe(
    `id=${secret?.["AUTH_CLIENT_ID"] ?? ""} aud=https://${ns}.example.com/portal`,
  );
  expect((await world.cluster.get("Secret", ns, "job"))?.metadata.labels).toMatchObject({ team: "payroll" });
});

it("labels and annotations that the template no longer has come off the Secret, and those of others stay", async () => {
  const ns = await readyClient("job", {
    secret: {
      template: {
        labels: { team: "blue", env: "prod" },
        annotations: { "replicator.example/to": "everywhere", note: "x" },
      },
    },
  });
  await world.cluster.patch("Secret", ns, "job", {
    metadata: { labels: { theirs: "kept" }, annotations: { "their/note": "kept" } },
  });
  const metadataWhen = (what: string, holds: (labels: Data, annotations: Data) => boolean) =>
    eventually(
      async () => (await world.cluster.get("Secret", ns, "job"))?.metadata,
      (metadata) => holds(metadata?.labels ?? {}, metadata?.annotations ?? {}),
      what,
    );
  await world.cluster.patch("M2MClient", ns, "job", { spec: { secret: { template: { labels: { env: null } } } } });
  await world.cluster.patch("M2MClient", ns, "job", {
    spec: { secret: { template: { annotations: { "replicator.example/to": null } } } },
  });
  await metadataWhen(
    "a Secret without them",
    (labels, annotations) =>
      !("env" in labels) && !("replicator.example/to" in annotations) && labels["team"] === "blue",
  );
  await world.stopOperator();
  await world.cluster.patch("M2MClient", ns, "job", { spec: { secret: null } });
  await world.startOperator();
  const metadata = await metadataWhen("a Secret with nothing of ours", (labels) => !("team" in labels));
  expect(metadata?.labels).toMatchObject({ theirs: "kept", "m2m-operator.io/managed": "true" });
  expect(metadata?.annotations).toEqual({ "their/note": "kept", "m2m-operator.io/published-as": "job" });
});

it("the Secret of an earlier name stays while a Pod has it, and goes with the Pod", async () => {
  const ns = await readyClient("job");
  await world.cluster.apply({
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "old", namespace: ns } },
    spec: { containers: [{ name: "app", image: "app", envFrom: [{ secretRef: { name: "job" } }] }] },
  });
  await world.cluster.patchStatus("Pod", ns, "old", { phase: "Running", startTime: new Date().toISOString() });
  await world.cluster.patch("M2MClient", ns, "job", { spec: { secret: { name: "renamed" } } });
  await eventually(
    () => world.cluster.get("M2MClient", ns, "job"),
    (client) => ((client?.status?.["waitingForPods"] ?? []) as readonly unknown[]).includes("old"),
    "the Pod in status",
  );
  await world.ready("M2MClient", ns, "job");
  expect(await world.cluster.secret(ns, "job")).toEqual(await world.cluster.secret(ns, "renamed"));
  await world.cluster.remove("Pod", ns, "old");
  await eventually(
    () => world.cluster.secret(ns, "job"),
    (secret) => secret === undefined,
    "the end of the Secret of the earlier name",
  );
  await eventually(
    () => world.cluster.get("M2MClient", ns, "job"),
    (client) => client?.status?.["waitingForPods"] === undefined,
    "a status that names no Pod",
  );
});

it("a template that would hold up the operator is stalled, and so is a name that no value can ever have", async () => {
  const ns = await world.namespace();
  const nested = `{{ ${"a[".repeat(2000)}a${"]".repeat(2000)} }}`;
  await world.client(ns, "nested", {
    secret: { template: { data: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${String(i)}`, nested])) } },
  });
  await world.client(ns, "misspelt", { secret: { template: { data: { x: "{{ clientId }}" } } } });
  await world.client(ns, "job");
  await world.ready("M2MClient", ns, "job");
  const stalled = await world.reason("M2MClient", ns, "nested", "TemplateInvalid");
  expect(conditionOf(stalled, "Stalled")?.message).toContain("more than 8 brackets");
  expect(conditionOf(stalled, "Issued")?.status).toBe("False");
  const misspelt = await world.reason("M2MClient", ns, "misspelt", "TemplateInvalid");
  expect(conditionOf(misspelt, "Stalled")?.message).toContain("did you mean client_id?");
});

it("a template with a name that is not there yet waits for it; one that can never work is stalled", async () => {
  const ns = await world.namespace();
  await world.client(ns, "waits", { secret: { template: { data: { x: "{{ grants.later.audience }}" } } } });
  await world.reason("M2MClient", ns, "waits", "WaitingForTemplateValue");
  await world.client(ns, "broken", { secret: { template: { data: { x: "{{ client_id | nope }}" } } } });
  const broken = await world.reason("M2MClient", ns, "broken", "TemplateInvalid");
  expect(conditionOf(broken, "Stalled")?.status).toBe("True");
  await world.api(ns, "late");
  await world.grant(ns, "later", { clientRef: { name: "waits" }, apiRef: { name: "late" }, allScopes: true });
  await world.ready("M2MClient", ns, "waits");
  expect((await world.cluster.secret(ns, "waits"))?.["x"]).toBe(`https://${ns}.example.com/late`);
});

it("a client that starts with several grants must name the primary one; then each API also gets a Secret of its own", async () => {
  const ns = await world.namespace();
  await world.api(ns, "one");
  await world.api(ns, "two");
  await world.grant(ns, "to-one", { clientRef: { name: "job" }, apiRef: { name: "one" }, allScopes: true });
  await world.grant(ns, "to-two", {
    clientRef: { name: "job" },
    apiRef: { name: "two" },
    allScopes: true,
    secret: { name: "job-two" },
  });
  await world.client(ns, "job");
  await world.reason("M2MClient", ns, "job", "PrimaryGrantRequired");
  await world.client(ns, "job", { secret: { primaryGrant: "to-one" } });
  await world.ready("M2MClient", ns, "job");
  await world.ready("ScopeGrant", ns, "to-two");
  const secret = await world.cluster.secret(ns, "job");
  expect(secret?.["audience"]).toBe(`https://${ns}.example.com/one`);
  const grants = JSON.parse(secret?.["grants"] ?? "[]") as { audience: string }[];
  expect(grants.map(({ audience }) => audience)).toEqual([
    `https://${ns}.example.com/one`,
    `https://${ns}.example.com/two`,
  ]);
  expect((await world.cluster.secret(ns, "job-two"))?.["audience"]).toBe(`https://${ns}.example.com/two`);
});

it("no credential is in a log, an event or a status", async () => {
  const ns = await readyClient("canary");
  const { client_secret: canary = "?" } = (await world.cluster.secret(ns, "canary")) ?? {};
  const told = [
    ...world.logs,
    ...(await world.cluster.list("Event", ns)).map((event) => JSON.stringify(event)),
    JSON.stringify(await world.cluster.list("M2MClient", ns)),
  ].join("\n");
  expect(canary.length).toBeGreaterThan(40);
  expect(told.includes(canary)).toBe(false);
  expect(told.includes(world.sandbox.auth0.clientSecret)).toBe(false);
});

function sorted(record: Readonly<Record<string, string>> | undefined): unknown {
  return Object.entries(record ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
