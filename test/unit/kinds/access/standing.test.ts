import { describe, expect, it } from "vitest";
import { haltOf } from "../../../../src/kinds/access/provider-access.ts";
import { standingOf } from "../../../../src/kinds/access/standing.ts";
import type { KindContext } from "../../../../src/kinds/kind-context.ts";
import type { Provider } from "../../../../src/ports/provider.ts";
import { createConnections } from "../../../../src/tenant/connections.ts";
import { createFakeClock } from "../../../fakes/fake-clock.ts";
import { CAPABILITIES } from "../provider-facts.ts";

const MINUTE = 60_000;

/** A provider object that was proved and read, and a client of it that is requested now and then. */
function world(metadata: object = {}, status: object = {}, clusterProviders = true) {
  const clock = createFakeClock();
  let readAt = clock.now();
  const object = {
    kind: "ClusterIdentityProvider",
    metadata: { name: "default", uid: "uid", ...metadata },
    status,
    spec: { credentialsSecretRef: { name: "credentials" }, allow: [{ namespaces: { from: "All" } }] },
  };
  const connections = createConnections();
  const provider = { vendor: "any", tenant: "tenant", domain: "tenant", capabilities: CAPABILITIES };
  connections.set("uid", {
    provider: { ...provider, refreshedAt: () => readAt, close: () => undefined } as unknown as Provider,
    madeFrom: "",
    connectedAt: clock.now(),
    probe: { missingPermissions: [], ownClientId: undefined },
    probedAt: clock.now(),
  });
  const ports = {
    connections,
    namespaces: { get: () => ({ name: "team", labels: {}, isTerminating: false }) },
    now: () => clock.now(),
    resources: { clusterIdentityProviders: { get: () => object } },
    settings: { clusterProviders },
  } as unknown as KindContext;
  const access = () =>
    standingOf(ports, {
      namespace: "team",
      providerRef: undefined,
      pinnedTenant: undefined,
      isConsentNeeded: true,
      observesOnly: false,
    }).access;
  return { clock, connections, access, read: () => (readAt = clock.now()) };
}

describe("a tenant that cannot be read", () => {
  it("can be used for three drift intervals, and again once it was read", async () => {
    const { clock, access, read } = world();
    await clock.advance(29 * MINUTE);
    expect(access().state).toBe("ready");
    await clock.advance(MINUTE);
    expect(access()).toMatchObject({ state: "notReady", until: undefined });
    await clock.advance(10 * 60 * MINUTE);
    expect(access().state).toBe("notReady");
    read();
    expect(access().state).toBe("ready");
  });
  it("is used for longer where a person paused the provider object", async () => {
    const { clock, access } = world({ annotations: { "m2m-operator.io/paused": "true" } });
    await clock.advance(60 * MINUTE);
    expect(access().state).toBe("ready");
  });
});

it("a provider object that is not Ready is named with its reason, and its message stays its own", () => {
  const message = "Correct it in Secret platform/auth0.";
  const conditions = [{ type: "Ready", status: "False", reason: "CredentialsInvalid", message }];
  const { clock, connections, access } = world({}, { conditions });
  connections.fail("uid", { kind: "stalled", reason: "CredentialsInvalid", message }, clock.now());
  expect(access()).toMatchObject({
    message: "ClusterIdentityProvider default is not Ready (CredentialsInvalid). Ask its owner to read its condition.",
  });
});

it("where ClusterIdentityProviders are not reconciled, only a person can help", () => {
  const { access } = world({}, {}, false);
  expect(access()).toMatchObject({ state: "notReady", isUnmet: true });
  expect(haltOf(access())).toMatchObject({ kind: "wait", isUnmet: true });
});

describe("a tenant that refuses the credential", () => {
  it("cannot be used at once, and Ready is kept until three drift intervals after the last read", async () => {
    const { clock, connections, access } = world();
    const readAt = clock.now();
    await clock.advance(MINUTE);
    connections.fail("uid", { kind: "stalled", reason: "CredentialsInvalid", message: "" }, clock.now());
    expect(access()).toMatchObject({ state: "notReady", until: new Date(readAt.getTime() + 30 * MINUTE) });
    connections.remove("uid");
    expect(access()).toMatchObject({ state: "notReady", until: new Date(readAt.getTime() + 30 * MINUTE) });
    connections.succeed("uid");
    expect(access().state).toBe("notReady");
  });
  it("cannot be used without a token of the operator's service account either", () => {
    const { clock, connections, access } = world();
    connections.fail("uid", { kind: "stalled", reason: "CredentialsMissing", message: "" }, clock.now());
    expect(access().state).toBe("notReady");
  });
  it("can be used through a failure that may pass", async () => {
    const { clock, connections, access } = world();
    connections.fail("uid", { kind: "wait", reason: "ProviderUnavailable", message: "" }, clock.now());
    expect(access().state).toBe("ready");
  });
});
