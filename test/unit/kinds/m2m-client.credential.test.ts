import { describe, expect, it } from "vitest";
import type { CredentialFacts, Desired, Observed, StateView } from "../../../src/kinds/m2m-client/model.ts";
import { planCredential } from "../../../src/kinds/m2m-client/plan-credential.ts";
import type { ObservedClient, Ref } from "../../../src/ports/provider.ts";

const REF = "client-1" as Ref;
const AT = "2026-01-01T00:00:00Z";

const secret: CredentialFacts = {
  kind: "secret",
  id: "s",
  clientId: REF,
  createdAt: AT,
  authenticationMethod: "client_secret_post",
  fingerprint: "print",
};
const key: CredentialFacts = {
  kind: "key",
  id: "k",
  clientId: REF,
  createdAt: AT,
  keyId: "thumb",
  algorithm: "RS256",
  registration: "cred",
};

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
    desired: { keys: {}, isRotationRequested: false, isAdopting: false, ...desired } as Desired,
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
    algorithm: "RS256",
  });
  return action?.type ?? "";
}

const KEY = "private_key_jwt";
const adopted = { mark: { instance: "i", object: "o", uid: "u", origin: "adopted", nonce: "n" } } as const;
const own = { keys: { publicKeys: [{ keyId: "mine", pem: "" }] } };
const registered = [{ ref: "cred", keyId: "mine", algorithm: "RS256" }];

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
      { state: { current: secret }, client: { secretFingerprints: ["other"] } },
    ],
    ["a state Secret from a backup is claimed", "claimState", { state: { current: secret, ownership: "takeOver" } }],
    ["in a terminating namespace nothing is stored", "", { observed: { isNamespaceTerminating: true } }],
    ["of an adopted client it is somebody else's", "", { client: adopted }],
    [
      "of an adopted client it is replaced on request",
      "replaceSecret",
      { client: adopted, desired: { isRotationRequested: true } },
    ],
    [
      "of an adopted client it is shared with consent",
      "storeCredential",
      { client: adopted, observed: { adoption: { isAllowed: true, sharesCredential: true } } },
    ],
    ["a key is written down first", "prepareKey", { method: KEY }],
    ["a key that was written down is registered", "registerKey", { method: KEY, state: { next: key } }],
    ["a key in force is left alone", "", { method: KEY, state: { current: key } }],
    [
      "a key of another algorithm is replaced",
      "prepareKey",
      { method: KEY, state: { current: { ...key, algorithm: "PS256" } } },
    ],
    [
      "a key that is gone at the provider is registered again",
      "registerKey",
      { method: KEY, state: { current: key }, client: { keyRefs: [] } },
    ],
    [
      "beside it no other key stays",
      "registerKey",
      { method: KEY, state: { current: key }, client: { keyRefs: ["cred", "x"] } },
    ],
    ["a key from a backup is claimed", "claimState", { method: KEY, state: { current: key, ownership: "takeOver" } }],
    [
      "beside the keys of an adopted client it is registered",
      "registerKey",
      { method: KEY, state: { next: key }, client: { ...adopted, keyRefs: ["theirs"] } },
    ],
    [
      "and theirs stay",
      "",
      { method: KEY, state: { current: key }, client: { ...adopted, keyRefs: ["theirs", "cred"] } },
    ],
    ["from a secret to a key, one is written down", "prepareKey", { method: KEY, state: { current: secret } }],
    ["from a key to a secret, that is stored", "storeCredential", { state: { current: key } }],
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
      "and nothing of ours stays beside them",
      "removeState",
      { method: KEY, desired: own, state: { current: key }, observed: { registered } },
    ],
  ])("%s", (_claim, expected, given) => {
    expect(stepOf(given)).toBe(expected);
  });
});
