import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { defaultOrgKnobs } from "../../../sandbox/okta/knobs.ts";
import { type AnyObject, conditionOf, eventually } from "../../integration/cluster.ts";
import { createSubject, credentialsOf, FAST, type Subject } from "../rotation/rotations.ts";
import { ANNOTATIONS } from "../../../src/kinds/schema/annotations.ts";
import { confirmed } from "../confirmed.ts";
import type { World } from "../world.ts";
import { createOktaWorld, lookAtOrg, type OrgView } from "./org.ts";

let world: World;
let view: OrgView;
let ns: string;
beforeAll(async () => {
  ({ world, view } = await createOktaWorld());
});
beforeEach(async () => {
  ns = await world.namespace();
});
afterEach(() => {
  view.org.knobs = defaultOrgKnobs();
  world.sandbox.faults.clear();
});
afterAll(async () => {
  await world.end();
});

const answer = (status: number, method: string, path: string): void => {
  world.sandbox.faults.add({ tenant: "okta", method, path, effect: { status, body: {} } });
};
const apps = () => [...view.org.state.apps.values()];
const eventsOf = async (namespace: string) =>
  (await world.cluster.list("Event", namespace)) as unknown as readonly { reason: string; note: string }[];

it("a client that is deleted before the org shows it everywhere leaves nothing behind", async () => {
  view.org.knobs.eventualConsistencyMs = 3000;
  await world.client(ns, "young", { displayName: `young ${ns}` });
  await eventually(apps, (all) => all.some(({ label }) => label === `young ${ns}`), "an app");
  await world.cluster.remove("M2MClient", ns, "young");
  await world.gone("M2MClient", ns, "young");
  expect(apps().some(({ label }) => label === `young ${ns}`)).toBe(false);
});

it.each([
  ["POST", "/apps/[^/]+/lifecycle/deactivate$"],
  ["DELETE", "/apps/[^/]+$"],
  ["POST", "/policies/[^/]+/lifecycle/deactivate$"],
  ["DELETE", "/policies/[^/]+$"],
  ["POST", "/authorizationServers/[^/]+/lifecycle/deactivate$"],
  ["DELETE", "/authorizationServers/[^/]+$"],
])("one 404 to %s %s leaves nothing behind either, and nobody is stalled", async (method, path) => {
  await world.api(ns, "things");
  await world.client(ns, "job");
  await world.grant(ns, "job", { clientRef: { name: "job" }, apiRef: { name: "things" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "job");
  const { clientId } = (await world.ready("M2MClient", ns, "job")).status as { clientId: string };
  answer(404, method, path);
  for (const [kind, name] of [
    ["ScopeGrant", "job"],
    ["M2MClient", "job"],
    ["OAuthApi", "things"],
  ] as const)
    await world.cluster.remove(kind, ns, name);
  await world.gone("ScopeGrant", ns, "job");
  await world.gone("M2MClient", ns, "job");
  await world.gone("OAuthApi", ns, "things");
  expect(view.app(clientId)).toBeUndefined();
  expect(view.server(`https://${ns}.example.com/things`)).toBeUndefined();
});

const activeSecrets = async (subject: Subject) => {
  const { client_id: clientId } = await subject.secret();
  return (view.app(clientId)?.secrets ?? []).filter(({ status }) => status === "ACTIVE");
};

it.each([404, 403])(
  "a rotation whose list of secrets is answered %i once still ends the old secret",
  async (status) => {
    const subject = await createSubject(world, { rotation: FAST });
    const from = await subject.current();
    answer(status, "GET", "/credentials/secrets$");
    await subject.rotate();
    await subject.rotated(from);
    expect(await activeSecrets(subject)).toHaveLength(1);
  },
);

it("where secrets may not be listed a rotation is blocked and claims nothing, until they may", async () => {
  const subject = await createSubject(world, { rotation: FAST });
  const { client_secret: before } = await subject.secret();
  const from = await subject.current();
  view.org.knobs.masksSecrets = "refuse";
  await world.annotate("M2MClient", subject.namespace, "job", "compromised-at", new Date().toISOString());
  const blocked = await world.reason("M2MClient", subject.namespace, "job", "AdminRoleMissing");
  expect(conditionOf(blocked, "Stalled")?.message).toContain("may not list the secrets");
  const reasons = async () => (await eventsOf(subject.namespace)).map(({ reason }) => reason);
  await eventually(reasons, (all) => all.includes("RotationBlocked"), "an event RotationBlocked");
  expect(await reasons()).not.toContain("CredentialsRevoked");
  expect(await reasons()).not.toContain("CredentialRetired");
  expect((await subject.secret())["client_secret"]).toBe(before);
  expect(await activeSecrets(subject)).toHaveLength(1);

  view.org.knobs.masksSecrets = false;
  await world.annotate("M2MClient", subject.namespace, "job", "reconcile-requested-at", "now");
  await subject.rotated(from);
  expect((await activeSecrets(subject)).map(({ client_secret: value }) => value)).not.toContain(before);
  await eventually(reasons, (all) => all.includes("CredentialsRevoked"), "an event CredentialsRevoked");
  expect(credentialsOf(await subject.client())).toHaveLength(1);
});

it("a policy of ours that names no client any more goes, and that of others stays", async () => {
  const audience = `https://${ns}.example.com/things`;
  await world.api(ns, "things", { audience });
  await world.client(ns, "job");
  await world.grant(ns, "job", { clientRef: { name: "job" }, apiRef: { name: "things" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "job");
  const policies = () => [...(view.server(audience)?.policies.values() ?? [])];
  const [left] = policies();
  if (left === undefined) throw new Error("there is no policy");
  // As when its app is deleted while the policy's own creation is under way.
  left.conditions.clients.include = [];
  const others = { ...structuredClone(left), id: "00pMadeByHand0000000", name: "by hand", description: "Nobody yet" };
  view.server(audience)?.policies.set(others.id, others);
  await lookAtOrg(world);
  await eventually(
    () => policies().map(({ conditions, name }) => [name === "by hand", ...conditions.clients.include]),
    (all) => all.length === 2 && !policies().includes(left) && policies().includes(others),
    "the policy without a client gone, and a new one",
  );
});

const providerObject = () => world.cluster.get("ClusterIdentityProvider", "", world.provider);
const orphans = () =>
  eventually(
    providerObject,
    (object) => conditionOf(object, "AllOwned")?.reason === "OrphansFound",
    "orphans are told of",
  ) as Promise<AnyObject>;

it("what carries the operator's mark and has no resource is named, and goes once exactly that is confirmed", async () => {
  await world.client(ns, "kept");
  const kept = (await world.ready("M2MClient", ns, "kept")).status?.["clientId"];
  await world.client(ns, "lost", { displayName: `lost ${ns}` });
  const lost = (await world.ready("M2MClient", ns, "lost")).status?.["clientId"];
  await world.stopOperator();
  await world.cluster.patch("M2MClient", ns, "lost", { metadata: { finalizers: null } });
  await world.cluster.remove("M2MClient", ns, "lost");
  await world.startOperator();

  const found = await orphans();
  const message = conditionOf(found, "AllOwned")?.message ?? "";
  expect(message).toContain(`client ${String(lost)} "lost ${ns}"`);
  expect(message).not.toContain(String(kept));
  const isReady = conditionOf(await providerObject(), "Ready")?.status;
  expect(isReady).toBe("True");
  await world.annotate("ClusterIdentityProvider", "", world.provider, "confirm-orphans", "0123456789abcdef");
  await lookAtOrg(world);
  expect(view.app(lost)).toBeDefined();

  await confirmed(world, found, ANNOTATIONS.confirmOrphans);
  await eventually(
    () => view.app(lost),
    (app) => app === undefined,
    "the orphan is gone",
  );
  await eventually(providerObject, (object) => conditionOf(object, "AllOwned")?.status === "True", "no orphans");
  expect(view.app(kept)).toBeDefined();
  expect((await eventsOf("default")).some(({ reason }) => reason === "OrphansFound")).toBe(true);
});
