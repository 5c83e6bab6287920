import { describe, expect, it } from "vitest";
import type { Desired, Observed } from "../../../../src/kinds/m2m-client/model.ts";
import type { CredentialFacts, StateView } from "../../../../src/kinds/state-secret/facts.ts";
import { planCredential } from "../../../../src/kinds/m2m-client/credential/plan.ts";
import type { KeyType } from "../../../../src/ports/signing-algorithms.ts";
import type { ObservedClient, Ref } from "../../../../src/ports/provider.ts";
import type { CredentialLife } from "../../../../src/kinds/state-secret/facts.ts";

const REF = "client-1" as Ref;
const AT = "2026-01-01T00:00:00Z";

const life: CredentialLife = { createdAt: new Date(AT), isShown: false };
const common = { clientId: REF, createdAt: AT, life };
const secret: CredentialFacts & { kind: "secret" } = {
  ...{ ...common, kind: "secret", id: "s", registration: undefined },
  ...{ authenticationMethod: "client_secret_post", fingerprint: "print" },
};
const key: CredentialFacts & { kind: "key" } = {
  ...{ ...common, kind: "key", id: "k", registration: "cred" },
  ...{ authenticationMethod: "private_key_jwt", keyId: "thumb", algorithm: "RS256" },
};
const shown = { life: { ...life, isShown: true } };
/** In force since a moment ago. */
const fresh = { life: { ...life, activatedAt: new Date(AT) } };
const printed = (...prints: string[]) => ({ secrets: prints.map((fingerprint) => ({ ref: undefined, fingerprint })) });

interface Case {
  readonly method?: string;
  readonly state?: Partial<StateView>;
  readonly client?: Partial<ObservedClient>;
  readonly desired?: Partial<Desired>;
  readonly observed?: Partial<Observed>;
}

function stepOf({ method = "client_secret_post", state, client, desired, observed }: Case): string {
  const mark = { instance: "i", object: "o", uid: "u", origin: "made", nonce: "n" };
  const remote = { ref: REF, clientId: REF, authenticationMethod: method, keyRefs: ["cred"], mark, ...client };
  const action = planCredential({
    desired: { keys: {}, rotation: {}, isAdopting: false, ...desired } as Desired,
    observed: {
      state: { ownership: "ours", name: "", version: "1", ...state },
      remote: { kind: "found", client: remote, duplicates: [] },
      adoption: { isAllowed: true, sharesCredential: false },
      registered: [],
      isNamespaceTerminating: false,
      ...observed,
    } as unknown as Observed,
    client: remote as ObservedClient,
    method,
    ...{ algorithm: "RS256", subject: undefined },
    propagationMs: 30_000,
    now: new Date(AT),
  });
  return action?.type ?? "";
}

const KEY = "private_key_jwt";
const adopted = { mark: { instance: "i", object: "o", uid: "u", origin: "adopted", nonce: "n" } } as const;
const ownKey = (type: KeyType, keyId: string) => ({ keyId, pem: "", type });
const own = { keys: { publicKeys: [ownKey("RSA", "mine")] } };
const ofTwoTypes = { keys: { publicKeys: [ownKey("RSA", "mine"), ownKey("P-384", "curve")] } };
const registered = [{ ref: "cred", keyId: "mine", algorithm: "RS256", createdAt: AT }];

describe("the next step of a credential", () => {
  it.each<[string, string, Case]>([
    ["a secret in force is left alone", "", { state: { current: secret } }],
    ["without a state Secret it is stored", "storeCredential", {}],
    [
      "of another client it is stored anew",
      "storeCredential",
      { state: { current: { ...secret, clientId: "other" } } },
    ],
    [
      "changed at the provider it is taken over",
      "storeCredential",
      { state: { current: secret }, client: printed("other") },
    ],
    ["a state Secret from a backup is claimed", "claimState", { state: { current: secret, ownership: "takeOver" } }],
    ["in a terminating namespace nothing is stored", "", { observed: { isNamespaceTerminating: true } }],
    ["of an adopted client it is somebody else's", "", { client: adopted }],
    [
      "of an adopted client it is replaced on request",
      "replaceSecret",
      { client: adopted, desired: { rotation: { request: "now" } as Desired["rotation"] } },
    ],
    [
      "of an adopted client it is shared with consent",
      "storeCredential",
      { client: adopted, observed: { adoption: { isAllowed: true, sharesCredential: true } } },
    ],
    ["a lost key is a rotation's business", "", { method: KEY }],
    ["a key in force is left alone", "", { method: KEY, state: { current: key } }],
    [
      "a key that is gone at the provider is registered again",
      "registerKey",
      { method: KEY, state: { current: key }, client: { keyRefs: [] } },
    ],
    ["beside it other keys stay", "", { method: KEY, state: { current: key }, client: { keyRefs: ["cred", "x"] } }],
    ["a key from a backup is claimed", "claimState", { method: KEY, state: { current: key, ownership: "takeOver" } }],
    [
      "a method that is wanted and not there is a rotation's business",
      "",
      { method: KEY, state: { current: secret }, client: { authenticationMethod: "client_secret_post" } },
    ],
    [
      "what was there before our own change may still be shown",
      "",
      {
        state: { current: { ...secret, ...fresh }, previous: { ...secret, fingerprint: "old", ...shown } },
        client: printed("old"),
      },
    ],
    [
      "but nothing else",
      "storeCredential",
      {
        state: { current: { ...secret, ...fresh }, previous: { ...secret, fingerprint: "old", ...shown } },
        client: printed("x"),
      },
    ],
    [
      "a change that was made and not noted is noted",
      "switchToNext",
      { state: { current: secret, next: { ...secret, fingerprint: "new", ...shown } }, client: printed("new") },
    ],
    [
      "what works already takes the place of what was removed",
      "promoteNext",
      { state: { current: secret, next: { ...secret, fingerprint: "new" } }, client: printed("new") },
    ],
    [
      "a change of method that was made and not noted is noted",
      "switchToNext",
      { method: KEY, state: { current: secret, next: { ...key, ...shown } } },
    ],
    [
      "and back",
      "switchToNext",
      {
        state: { current: key, next: { ...secret, ...shown } },
        client: { authenticationMethod: "client_secret_post" },
      },
    ],
    [
      "the user's keys are registered",
      "registerPublicKeys",
      { method: KEY, desired: own, state: { ownership: "none" } },
    ],
    [
      "registered, they are left alone",
      "",
      { method: KEY, desired: own, state: { ownership: "none" }, observed: { registered } },
    ],
    [
      "each with its own algorithm",
      "",
      {
        ...{ method: KEY, desired: ofTwoTypes, state: { ownership: "none" }, client: { keyRefs: ["cred", "other"] } },
        observed: { registered: [...registered, { ref: "other", keyId: "curve", algorithm: "ES384", createdAt: AT }] },
      },
    ],
    [
      "one that was registered for an algorithm that it cannot sign with is registered again",
      "registerPublicKeys",
      {
        ...{ method: KEY, desired: ofTwoTypes, state: { ownership: "none" }, client: { keyRefs: ["cred", "other"] } },
        observed: { registered: [...registered, { ref: "other", keyId: "curve", algorithm: "RS256", createdAt: AT }] },
      },
    ],
    [
      "and nothing of ours stays beside them",
      "removeState",
      { method: KEY, desired: own, state: { current: key }, observed: { registered } },
    ],
  ])("%s", (_claim, expected, given) => {
    expect(stepOf(given)).toBe(expected);
  });
});
