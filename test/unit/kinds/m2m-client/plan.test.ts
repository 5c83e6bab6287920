import { describe, expect, it } from "vitest";
import type { Action, Desired, Observed } from "../../../../src/kinds/m2m-client/model.ts";
import { plan } from "../../../../src/kinds/m2m-client/plan.ts";
import type { ObservedClient, Ref } from "../../../../src/ports/provider.ts";
import { CAPABILITIES, FACTS } from "../provider-facts.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const OWNER = { instance: "test", object: "0123456789abcdef", uid: "11111111-1111-1111-1111-111111111111" };
const REF = "client-1" as Ref;

const desired: Desired = {
  isAbsent: false,
  isPaused: false,
  deletionPolicy: "Delete",
  owner: OWNER,
  names: { namespace: "billing", name: "job" },
  spec: { displayName: "Job", metadata: {} },
  rotation: {
    ...{ everyMs: undefined, announceMs: 0, overlapMs: 0, maxWaitMs: 0, waitForPods: undefined },
    ...{ request: undefined, compromisedAt: undefined, jitter: 0 },
  },
  isAdopting: false,
  clientId: undefined,
  keys: {},
  defaultOrganization: undefined,
  prunesAfterMs: undefined,
  owns: { displayName: true, description: false, metadata: false, authenticationMethod: false, isEnabled: false },
};

const client: ObservedClient = {
  ref: REF,
  clientId: REF,
  displayName: "Job",
  description: undefined,
  metadata: {},
  authenticationMethod: "client_secret_post",
  mark: { ...OWNER, origin: "made", nonce: "0123456789abcdef" },
  secrets: [{ ref: undefined, fingerprint: "print-1" }],
  keyRefs: [],
  tokenQuota: undefined,
  defaultOrganization: undefined,
  isEnabled: true,
  isService: true,
  isServiceType: true,
  isSystem: false,
  readAt: NOW,
};

const current = {
  kind: "secret",
  id: "credential-1",
  fingerprint: "print-1",
  authenticationMethod: "client_secret_post",
  clientId: REF,
  createdAt: NOW.toISOString(),
  registration: undefined,
  life: { createdAt: NOW, isShown: false },
} as const;

const converged: Observed = {
  hasFinalizer: true,
  provider: {
    state: "ready",
    facts: FACTS,
  },
  remote: { kind: "found", client, duplicates: [] },
  state: { ownership: "ours", name: "job.m2m-state", version: "u/1", current },
  origin: "Made",
  adoption: { isAllowed: false, sharesCredential: false },
  registered: [],
  rotation: {
    ...{ previouslyScheduledAt: undefined, isPublished: true, isAnnouncing: true },
    ...{ pods: { kind: "read", waiting: [] }, formerPods: { kind: "read", waiting: [] }, mayReadPods: true },
  },
  organization: undefined,
  unmanaged: [],
  areGrantsSettled: true,
  mayRecover: false,
  unverifiableBecause: undefined,
  isNamespaceTerminating: false,
  secret: {
    kind: "Secret",
    namespace: "billing",
    name: "job",
    field: "spec.secret.name",
    ownership: "ours",
    uid: "s",
    resourceVersion: "5",
    record: { kind: "Secret", name: "job", uid: "s", resourceVersion: "5", renderedFrom: "digest" },
    wanted: "digest",
  },
  blocked: undefined,
  formerSecrets: [],
  verification: { credentialId: "credential-1", audience: "a", result: "Verified", message: "", tries: 1, at: NOW },
  verifiableAudience: "a",
  verifiableAt: NOW,
  abandonment: { mayAbandon: false, checkAt: NOW },
};

const found = (change: Partial<ObservedClient>): Pick<Observed, "remote"> => ({
  remote: { kind: "found", client: { ...client, ...change }, duplicates: [] },
});
const types = (actions: readonly Action[]): readonly string[] => actions.map(({ type }) => type);
const stepsOf = (observed: Partial<Observed>, wanted: Partial<Desired> = {}, now = NOW): string => {
  const { actions, halt } = plan({ ...desired, ...wanted }, { ...converged, ...observed }, now);
  const stop = halt === undefined ? "" : halt.kind === "paused" ? "paused" : `${halt.kind} ${halt.reason}`;
  return [...types(actions), stop].filter((part) => part !== "").join(", ");
};

const messageOf = (observed: Partial<Observed>, wanted: Partial<Desired> = {}): string => {
  const { halt } = plan({ ...desired, ...wanted }, { ...converged, ...observed }, NOW);
  return halt === undefined || halt.kind === "paused" ? "" : `${halt.reason}: ${halt.message}`;
};

describe("what the plan of a client tells people", () => {
  it.each<[string, string, Partial<Observed>, Partial<Desired>?]>([
    [
      "a client ID where the provider chooses it",
      "UnsupportedByProvider: Any (ClusterIdentityProvider default) does not support spec.clientId. Any chooses client IDs. Create this M2MClient again without spec.clientId, or with adopt: true to adopt client mine.",
      {},
      { clientId: "mine" },
    ],
    [
      "a client to adopt that does not exist, where the provider chooses client IDs",
      "NotOwned: The tenant has no client mine to adopt. Create this M2MClient again with the correct spec.clientId, or without spec.clientId and spec.adopt to create a client.",
      { remote: { kind: "adoptable", client: undefined }, adoption: { isAllowed: true, sharesCredential: false } },
      { clientId: "mine", isAdopting: true },
    ],
    [
      "a client to adopt that does not exist, where IDs can be chosen",
      "NotOwned: The tenant has no client mine to adopt. Create the client at the tenant, or create this M2MClient again with the correct spec.clientId.",
      {
        ...{ remote: { kind: "adoptable", client: undefined }, adoption: { isAllowed: true, sharesCredential: false } },
        provider: {
          state: "ready",
          facts: { ...FACTS, capabilities: { ...FACTS.capabilities, choosesClientId: true } },
        },
      },
      { clientId: "mine", isAdopting: true },
    ],
    [
      "a Secret in the place of the state Secret",
      "SecretNotOwned: Secret billing/job.m2m-state does not belong to M2MClient billing/job, and the operator stores credentials under this name. If nobody needs its content, delete it. Otherwise give this M2MClient another name.",
      { state: { ownership: "foreign", name: "job.m2m-state", version: "u/1" } },
    ],
    [
      "a change of method of a client that is disabled",
      "CredentialPending: Client client-1 is disabled, so it cannot change to private_key_jwt. Set spec.enabled: true, or enable it at the tenant.",
      found({ isEnabled: false }),
      { spec: { displayName: "Job", metadata: {}, isEnabled: false, authenticationMethod: "private_key_jwt" } },
    ],
    [
      "a Secret of another resource",
      "SecretNotOwned: Secret billing/job belongs to OAuthApi billing/api. Set another spec.secret.name.",
      { secret: { ...converged.secret, ownership: "foreign", controller: "OAuthApi billing/api" } },
    ],
  ])("%s", (_what, message, observed, wanted) => {
    expect(messageOf(observed, wanted)).toBe(message);
  });
});

describe("the plan of a client", () => {
  it.each<[string, string, Partial<Observed>, Partial<Desired>?]>([
    ["what is as it should be needs nothing", "", {}],
    [
      "the finalizer comes before anything is made",
      "addFinalizer",
      { hasFinalizer: false, remote: { kind: "absent" } },
    ],
    ["a client that is nowhere is created", "createClient", { remote: { kind: "absent" } }],
    [
      "while a create may still come to light nothing is created",
      "wait Progressing",
      { remote: { kind: "unsettled", until: NOW } },
    ],
    ["a tenant that was not read yet is waited for", "wait ProviderNotReady", { remote: { kind: "unread" } }],
    [
      "a default organization that is not allowed any more is taken off a paused client",
      "updateClient",
      { ...found({ defaultOrganization: "org_1" }), isOrganizationWithdrawn: true },
      { isPaused: true },
    ],
    [
      "a default organization of somebody else's client is not",
      "stalled NotOwned",
      {
        ...found({ defaultOrganization: "org_1", mark: { ...OWNER, uid: "other", origin: "made", nonce: "" } }),
        isOrganizationWithdrawn: true,
      },
    ],
    ["a changed name is changed back", "updateClient", found({ displayName: "Other" })],
    ["grant types that somebody added go", "updateClient", found({ isServiceType: false })],
    ["a lost mark is written again", "updateClient", found({ mark: undefined })],
    [
      "the mark of another resource is respected",
      "stalled NotOwned",
      found({ mark: { ...OWNER, uid: "other", origin: "made", nonce: "" } }),
    ],
    ["the provider's own client is never touched", "stalled NotOwned", found({ isSystem: true })],
    ["the operator's own client is never touched", "stalled NotOwned", found({ clientId: "operator" })],
    [
      "a second client with our mark is removed",
      "removeDuplicateClient",
      { remote: { kind: "found", client, duplicates: ["client-2" as Ref] } },
    ],
    [
      "a lost state Secret is filled again, not a new client made",
      "storeCredential",
      { state: { ownership: "none", name: "", version: "" } },
    ],
    [
      "a credential that was changed at the provider is stored",
      "storeCredential",
      found({ secrets: [{ ref: undefined, fingerprint: "print-2" }] }),
    ],
    ["where secrets are not shown the stored one is believed", "", found({ secrets: undefined })],
    [
      "a foreign state Secret stops everything",
      "stalled SecretNotOwned",
      { state: { ownership: "foreign", name: "s", version: "" } },
    ],
    ["a missing Secret is published", "publishSecret", { secret: { ...converged.secret, ownership: "none" } }],
    ["an edited Secret is published", "publishSecret", { secret: { ...converged.secret, resourceVersion: "6" } }],
    ["an outdated Secret is published", "publishSecret", { secret: { ...converged.secret, wanted: "other" } }],
    [
      "a Secret from before a restore is taken over",
      "publishSecret",
      { secret: { ...converged.secret, ownership: "takeOver" } },
    ],
    [
      "a foreign Secret is refused",
      "stalled SecretNotOwned",
      { secret: { ...converged.secret, ownership: "foreign" } },
    ],
    [
      "the Secret of an earlier name goes",
      "removeFormerSecret",
      { formerSecrets: [{ name: "old", since: undefined }] },
    ],
    [
      "a credential is not tried beyond the budget of the provider's owner",
      "",
      { verification: undefined, verifiableAt: new Date(NOW.getTime() + 1) },
    ],
    ["a new credential is tried once", "verifyCredential", { verification: undefined }],
    [
      "nothing is restored in a namespace that goes away",
      "wait Deleting",
      { isNamespaceTerminating: true, secret: { ...converged.secret, ownership: "none" } },
    ],
    ["paused means hands off", "paused", found({ displayName: "Other" }), { isPaused: true }],
    [
      "no consent, no work",
      "wait NotAllowedOrMissing",
      { provider: { state: "refused", message: "", uid: undefined } },
    ],
    [
      "another tenant is a matter for people",
      "stalled TenantChanged",
      { provider: { state: "otherTenant", message: "" } },
    ],
  ])("%s", (_claim, expected, observed, wanted) => {
    expect(stepsOf(observed, wanted)).toBe(expected);
  });

  it.each<[string, string, Partial<Observed>, Partial<Desired>?]>([
    ["deletion removes the client, then the finalizer", "removeClient, removeFinalizer", {}],
    ["what is already gone is fine", "removeFinalizer", { remote: { kind: "absent" } }],
    ["Retain lets go of it", "releaseClient, removeFinalizer", {}, { deletionPolicy: "Retain" }],
    [
      "somebody else's client stays",
      "removeFinalizer",
      found({ mark: { ...OWNER, uid: "other", origin: "made", nonce: "" } }),
    ],
    ["without the provider it waits", "wait ProviderNotReady", { provider: { state: "notReady", message: "" } }],
    [
      "not for ever",
      "abandonClient, removeFinalizer",
      { provider: { state: "notReady", message: "" }, abandonment: { mayAbandon: true, checkAt: NOW } },
    ],
    ["without our finalizer there is nothing to do", "", { hasFinalizer: false }],
    [
      "what was adopted stays",
      "releaseClient, removeFinalizer",
      found({ mark: { ...OWNER, origin: "adopted", nonce: "0123456789abcdef" } }),
      { deletionPolicy: undefined },
    ],
    [
      "what was adopted stays, after its mark was taken off and the finalizer was not",
      "releaseClient, removeFinalizer",
      { ...found({ mark: undefined }), origin: "Adopted" },
      { deletionPolicy: undefined },
    ],
    [
      "what was adopted goes when the resource says so",
      "removeClient, removeFinalizer",
      { ...found({ mark: { ...OWNER, origin: "adopted", nonce: "0123456789abcdef" } }), origin: "Adopted" },
      { deletionPolicy: "Delete" },
    ],
  ])("%s", (_claim, expected, observed, wanted) => {
    expect(stepsOf(observed, { isAbsent: true, ...wanted })).toBe(expected);
  });

  const refused = (tries: number): Partial<Observed> => ({
    verification: { credentialId: "credential-1", audience: "a", result: "Refused", message: "no", tries, at: NOW },
  });
  it("a refused credential is tried again after the propagation window, and not a millisecond sooner", () => {
    expect(stepsOf(refused(1), {}, new Date(NOW.getTime() + 29_999))).toBe("wait VerificationFailed");
    expect(stepsOf(refused(1), {}, new Date(NOW.getTime() + 30_000))).toBe("verifyCredential");
  });
  it.each([
    [3, 10],
    [4, 20],
    [10, 1280],
    [11, 1440],
    [100, 1440],
  ])("after %i refusals a person must act, and %i minutes later the operator tries again", (tries, minutes) => {
    const due = NOW.getTime() + minutes * 60_000;
    expect(stepsOf(refused(tries), {}, new Date(due - 1))).toBe("stalled VerificationFailed");
    expect(stepsOf(refused(tries), {}, new Date(due))).toBe("verifyCredential");
    const { actions } = plan(desired, { ...converged, ...refused(tries) }, new Date(due));
    expect(actions).toMatchObject([{ attempt: Math.min(tries + 1, 100) }]);
  });
  it.each([
    [1, 10],
    [2, 20],
    [9, 1440],
    [100, 1440],
  ])(
    "a token that was not issued %i times is requested again after %i minutes, which halts nothing",
    (tries, minutes) => {
      const { verification } = refused(tries);
      const observed = { verification: { ...verification, result: "NotIssued" } } as Partial<Observed>;
      const due = new Date(NOW.getTime() + minutes * 60_000);
      const before = plan(desired, { ...converged, ...observed }, new Date(due.getTime() - 1));
      expect(before).toEqual({ actions: [], recheckAt: due });
      expect(stepsOf(observed, {}, due)).toBe("verifyCredential");
    },
  );
  it.each(["Verified", "CannotVerify"] as const)("a credential that is %s costs no further token", (result) => {
    const { verification } = refused(1);
    const observed = { verification: { ...verification, result } } as Partial<Observed>;
    expect(stepsOf(observed, {}, new Date(NOW.getTime() + 999 * 86_400_000))).toBe("");
  });
  it("an authentication method that the provider does not have is named", () => {
    const spec = { ...desired.spec, authenticationMethod: "private_key_jwt" } as const;
    const capabilities = { ...CAPABILITIES, authenticationMethods: ["client_secret_post"] } as const;
    const provider = { state: "ready", facts: { ...FACTS, capabilities } } as const;
    const { halt } = plan({ ...desired, spec }, { ...converged, provider }, NOW);
    expect(halt).toMatchObject({ kind: "stalled", reason: "UnsupportedByProvider" });
  });
  it("metadata that nobody set is nobody's business; set, it is exactly that", () => {
    const remote = found({ metadata: { theirs: "x" } });
    expect(stepsOf(remote)).toBe("");
    const { actions } = plan(
      { ...desired, owns: { ...desired.owns, metadata: true }, spec: { ...desired.spec, metadata: { ours: "y" } } },
      { ...converged, ...remote },
      NOW,
    );
    expect(actions).toEqual([
      { type: "updateClient", ref: REF, change: { metadata: { ours: "y", theirs: null } }, remark: undefined },
    ]);
  });
});
