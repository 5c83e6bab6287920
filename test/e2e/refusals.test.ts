import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
let ns: string;
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(async () => {
  ns = await world.namespace();
});
afterEach(() => {
  world.sandbox.faults.clear();
  world.sandbox.tenant.revokedBefore = 0;
});
afterAll(async () => {
  await world.end();
});

const NAMES = ["a", "b", "c", "d", "e", "f"];
const isStalled = async (name: string) =>
  conditionOf(await world.cluster.get("M2MClient", ns, name), "Stalled")?.status === "True";

describe("a refusal of the tenant", () => {
  it("of one token that was revoked stalls none of the clients that were on their way with it", async () => {
    await Promise.all(NAMES.map((name) => world.client(ns, name)));
    await Promise.all(NAMES.map((name) => world.ready("M2MClient", ns, name)));
    for (const round of ["one", "two"]) {
      world.sandbox.tenant.revokedBefore = Date.now();
      await Promise.all(
        NAMES.map((name) => world.cluster.patch("M2MClient", ns, name, { spec: { displayName: `${name} ${round}` } })),
      );
      await Promise.all(NAMES.map((name) => world.ready("M2MClient", ns, name)));
    }
  });

  it.each([400, 401, 403])("with %i, once, is tried again after seconds and never called Stalled", async (status) => {
    await world.client(ns, "job");
    await world.ready("M2MClient", ns, "job");
    world.sandbox.faults.add({
      ...{ method: "PATCH", path: "^/api/v2/clients/", times: status === 400 ? 1 : 2 },
      effect: { status, body: { statusCode: status, error: "Refused", message: "Not now" } },
    });
    await world.cluster.patch("M2MClient", ns, "job", { spec: { displayName: `changed ${ns}` } });
    const waiting = await world.reason("M2MClient", ns, "job", "ProgressingWithRetry");
    expect(conditionOf(waiting, "Ready")?.message).toContain(
      `Auth0 refused the request (${String(status)}: Not now). `,
    );
    expect(await isStalled("job")).toBe(false);
    await world.ready("M2MClient", ns, "job");
  });
});

describe("a refusal of the API server", () => {
  const quota = (hard: Record<string, string>) => ({
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "few", namespace: ns },
    spec: { hard },
  });
  const path = () => `/api/v1/namespaces/${ns}/resourcequotas`;

  /** Until what decides on Secrets is in force. */
  const denied = () =>
    eventually(
      () =>
        world.cluster
          .apply({
            ...{ apiVersion: "v1", kind: "Secret", metadata: { namespace: ns, name: "probe" } },
            data: { client_secret: "eA==" },
          })
          .then(
            () => world.cluster.remove("Secret", ns, "probe").then(() => false),
            () => true,
          ),
      (isDenied) => isDenied,
      "Secrets are refused",
    );

  it("for want of quota is shown in its words, and lifted once there is room", async () => {
    const { connection } = world.cluster;
    const hard = { "count/secrets": "0" };
    await connection.request({ method: "POST", path: path(), body: quota(hard) });
    // Its controller does not run here.
    await connection.request({
      ...{ method: "PATCH", path: `${path()}/few/status`, contentType: "application/merge-patch+json" },
      body: { status: { hard, used: { "count/secrets": "0" } } },
    });
    await denied();
    await world.client(ns, "job");
    const refused = await world.reason("M2MClient", ns, "job", "ApiServerRefused");
    expect(conditionOf(refused, "Stalled")?.message).toMatch(/exceeded quota: few.*Raise the quota/);
    await connection.request({ method: "DELETE", path: `${path()}/few` });
    await world.annotate("M2MClient", ns, "job", "reconcile-requested-at", "now");
    await world.ready("M2MClient", ns, "job");
  });

  it("of an immutable Secret says which to delete, without a value of it, and is lifted when that is gone", async () => {
    await world.client(ns, "job");
    await world.ready("M2MClient", ns, "job");
    await world.cluster.patch("Secret", ns, "job", { immutable: true });
    const before = await world.cluster.secret(ns, "job");
    await world.cluster.patch("M2MClient", ns, "job", { spec: { secret: { keyStyle: "Env" } } });
    const refused = await world.reason("M2MClient", ns, "job", "ApiServerRefused");
    const message = conditionOf(refused, "Stalled")?.message ?? "";
    expect(message).toContain('Delete Secret "job": the operator creates it again.');
    expect(message).not.toContain(before?.["client_secret"]);
    await world.cluster.remove("Secret", ns, "job");
    await world.ready("M2MClient", ns, "job");
    expect((await world.cluster.secret(ns, "job"))?.["CLIENT_ID"]).toBe(before?.["client_id"]);
  });

  it("by an admission policy is shown in the policy's words, and no value that it quotes", async () => {
    const { connection } = world.cluster;
    const name = `quoting-${ns}`;
    const root = "/apis/admissionregistration.k8s.io/v1";
    const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": ns } };
    await connection.request({
      method: "POST",
      path: `${root}/validatingadmissionpolicies`,
      body: {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        metadata: { name },
        spec: {
          matchConstraints: {
            resourceRules: [
              { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["secrets"] },
            ],
          },
          validations: [
            {
              expression: "!has(object.data) || !('client_secret' in object.data)",
              messageExpression: "'Weak: ' + string(object.data['client_secret'])",
            },
          ],
        },
      },
    });
    await connection.request({
      method: "POST",
      path: `${root}/validatingadmissionpolicybindings`,
      body: {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name },
        spec: { policyName: name, validationActions: ["Deny"], matchResources: { namespaceSelector } },
      },
    });
    await denied();
    await world.client(ns, "job");
    const refused = await world.reason("M2MClient", ns, "job", "ApiServerRefused");
    const message = conditionOf(refused, "Stalled")?.message ?? "";
    expect(message).toMatch(/Weak: .*\[masked\]/);
    const secrets = [...world.sandbox.tenant.state.clients.values()].map(({ client_secret: secret }) => String(secret));
    for (const secret of secrets)
      for (const text of [secret, Buffer.from(secret).toString("base64")]) {
        expect(message).not.toContain(text.slice(0, 16));
        expect(world.logs.join("\n")).not.toContain(text);
      }
    await connection.request({ method: "DELETE", path: `${root}/validatingadmissionpolicybindings/${name}` });
    await connection.request({ method: "DELETE", path: `${root}/validatingadmissionpolicies/${name}` });
    await world.annotate("M2MClient", ns, "job", "reconcile-requested-at", "now");
    await world.ready("M2MClient", ns, "job");
  });
});
