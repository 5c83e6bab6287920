import { FACTS } from "../provider-facts.ts";
import { expect, it } from "vitest";
import type { ClientObserved } from "../../../../src/kinds/m2m-client/observe.ts";
import type { Action } from "../../../../src/kinds/m2m-client/model.ts";
import type { M2MClient } from "../../../../src/kinds/m2m-client/schema.ts";
import type { Ref } from "../../../../src/ports/provider.ts";
import { bench, CLIENT, key, NOW, REF, secret, serviceAccount } from "./actions.ts";

const condition = (status: "True" | "False") =>
  ({ type: "Ready", status, reason: "Ready", message: "", lastTransitionTime: NOW.toISOString() }) as const;
const credentials: NonNullable<M2MClient["status"]>["credentials"] = [
  { id: "old", state: "Current", createdAt: "2025-01-01T00:00:00Z" },
];
/** Ready, with a credential. */
const status: M2MClient["status"] = {
  ...{ clientId: REF, externalId: REF, observedGeneration: 1, credentials },
  conditions: [condition("True")],
};
const unready: M2MClient["status"] = { ...status, conditions: [condition("False")] };
const store = (why: "StateMissing" | "ChangedAtProvider"): Action => ({ type: "storeCredential", ref: REF, why });
const shown = { readSecret: () => Promise.resolve("value-shown") };
const registerKeys: Action = { type: "registerPublicKeys", ref: REF, algorithm: "RS256" };
const subject = "system:serviceaccount:team:job";
const update = (change: Extract<Action, { type: "updateClient" }>["change"], remark?: "made" | "adopted"): Action => ({
  ...{ type: "updateClient", ref: REF, change },
  remark,
});
const bound = { kind: "found", client: { ...CLIENT, defaultOrganization: "org_1" }, duplicates: [] } as const;
const grant = "grant-1" as Ref;
const unmanaged = [{ ref: grant, audience: "https://a", scopes: ["read"], since: NOW, isProtected: false }];

type Setting = Parameters<typeof bench>[0];

it.each<[string, Action, Setting, Partial<ClientObserved>, string | undefined]>([
  [
    "a state Secret that is lost",
    store("StateMissing"),
    { status, clients: shown },
    {},
    "Normal StateLost: Secret team/job.m2m-state, in which the operator keeps the credential of client client-1, was lost. The operator stored the same credential again.",
  ],
  [
    "a credential that is lost with it",
    store("StateMissing"),
    { status },
    {},
    "Warning StateLost: Secret team/job.m2m-state, in which the operator keeps the credential of client client-1, was lost. The operator put a new credential in force and publishes it. Restart workloads that read it only at their start.",
  ],
  ["the first credential", store("StateMissing"), { clients: shown }, {}, undefined],
  [
    "a credential that somebody replaced",
    store("ChangedAtProvider"),
    { status, state: { current: secret("old") }, clients: shown },
    {},
    "Warning CredentialChanged: Somebody changed the credential of client client-1 at the provider. The operator publishes the new one in Secret team/job. Restart Pods that read it only at their start. If this was not you, annotate this M2MClient with m2m-operator.io/compromised-at and the present time.",
  ],
  [
    "a secret that is replaced on request",
    { type: "replaceSecret", ref: REF },
    { status },
    {},
    "Warning CredentialRotated: The provider replaced the secret of client client-1. The old one is no longer valid for anybody. The operator publishes the new one in Secret team/job. Restart Pods that read it only at their start, and update every other user of this client.",
  ],
  [
    "a key that somebody removed",
    { type: "registerKey", ref: REF },
    { status, state: { current: key("k") } },
    {},
    "Normal DriftReverted: Client client-1 was changed at the provider: its public key. The operator restored what the spec says.",
  ],
  [
    "a service account that somebody replaced",
    { type: "registerSubject", ref: REF, subject },
    { status, state: { current: serviceAccount("s") } },
    {},
    "Normal DriftReverted: Client client-1 was changed at the provider: its service account. The operator restored what the spec says.",
  ],
  [
    "public keys that somebody replaced",
    registerKeys,
    { status },
    {},
    "Normal DriftReverted: Client client-1 was changed at the provider: its public keys. The operator restored what the spec says.",
  ],
  ["public keys that the spec changed", registerKeys, { status: unready }, {}, undefined],
  [
    "fields that somebody changed",
    update({ displayName: "job", metadata: { team: "a" }, restoreServiceType: true }, "made"),
    { status },
    {},
    "Normal DriftReverted: Client client-1 was changed at the provider: displayName, metadata.team, the grant types, the ownership mark. The operator restored what the spec says.",
  ],
  ["fields that the spec changed", update({ displayName: "job" }), { status: unready }, {}, undefined],
  [
    "an edit of the spec",
    update({ displayName: "job" }),
    { status: { ...status, observedGeneration: 0 } },
    {},
    undefined,
  ],
  [
    "an adoption",
    update({}, "adopted"),
    { status },
    {},
    "Normal Adopted: Client client-1 of tenant tenant was adopted.",
  ],
  [
    "a default organization without consent",
    update({ defaultOrganization: null }),
    { status: unready },
    { remote: bound, provider: { state: "ready", facts: FACTS } },
    `Warning AccessRemoved: ${FACTS.object} does not allow namespace team to use organization org_1. The operator removed it as default organization of client client-1. Ask the owner of ${FACTS.object} to extend spec.allow[].organizations.`,
  ],
  [
    "a grant that is pruned",
    { type: "removeUnmanagedGrant", ref: grant },
    { status },
    { unmanaged },
    "Normal AccessRemoved: No ScopeGrant requests the grant of read on https://a. The operator deleted it, as spec.unmanagedGrants says.",
  ],
  [
    "a grant whose ScopeGrant is gone",
    { type: "removeUnmanagedGrant", ref: grant },
    { status },
    { unmanaged, leftBehind: [grant] },
    "Normal AccessRemoved: The ScopeGrant of grant grant-1 no longer exists. The operator deleted the grant at the tenant.",
  ],
])("%s leaves an event, or none", async (_what, action, setting, also, expected) => {
  const { apply, told, see } = await bench(setting);
  await apply(action, await see(), also);
  expect(told).toEqual(expected === undefined ? [] : [expected]);
});

it("no event holds a credential", async () => {
  const { apply, told, see } = await bench({ status, clients: shown });
  await apply(store("StateMissing"), await see());
  expect(told.join()).not.toContain("value-shown");
});
