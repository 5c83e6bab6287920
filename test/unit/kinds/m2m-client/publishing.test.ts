import { expect, it } from "vitest";
import type { Desired, Observed } from "../../../../src/kinds/m2m-client/model.ts";
import { plan } from "../../../../src/kinds/m2m-client/plan.ts";
import type { StateView } from "../../../../src/kinds/state-secret/facts.ts";
import type { AuthenticationMethod } from "../../../../src/ports/provider.ts";
import { CAPABILITIES, FACTS } from "../provider-facts.ts";
import { CLIENT, desiredBy, KEY, NOW, observedWith, REF, SECRET } from "./observed.ts";

const METHODS = ["client_secret_post", "private_key_jwt"] as const;
const BOOLEANS = [true, false] as const;
const foreign = { clientId: "client-2" };
const STATES: readonly Partial<StateView>[] = [
  { ownership: "none", version: "" },
  {},
  { current: SECRET },
  { current: KEY },
  { current: { ...SECRET, ...foreign } },
  { current: { ...KEY, ...foreign } },
  { next: SECRET },
  { next: { ...KEY, life: { ...KEY.life, isShown: true } } },
  { current: { ...KEY, ...foreign }, next: KEY },
  { previous: KEY },
];
const CREDENTIALS = [
  { secrets: [{ ref: undefined, fingerprint: "print" }], keyRefs: ["cred"] },
  { secrets: undefined, keyRefs: [] },
];

interface Situation {
  readonly what: string;
  readonly desired: Desired;
  readonly observed: Observed;
  /** What the Secret would be rendered from can be read. */
  readonly isReadable: boolean;
}

function* situations(): Generator<Situation> {
  for (const wanted of [undefined, ...METHODS])
    for (const present of METHODS)
      for (const isEnabled of BOOLEANS)
        for (const isAdopted of BOOLEANS)
          for (const sharesCredential of BOOLEANS)
            for (const secretOverlap of ["full", "announced"] as const)
              for (const request of [undefined, "now"])
                for (const held of CREDENTIALS)
                  for (const state of STATES)
                    yield situation({
                      wanted,
                      present,
                      isEnabled,
                      isAdopted,
                      sharesCredential,
                      secretOverlap,
                      request,
                      held,
                      state,
                    });
}

interface Choices {
  readonly wanted: AuthenticationMethod | undefined;
  readonly present: AuthenticationMethod;
  readonly isEnabled: boolean;
  readonly isAdopted: boolean;
  readonly sharesCredential: boolean;
  readonly secretOverlap: "full" | "announced";
  readonly request: string | undefined;
  readonly held: (typeof CREDENTIALS)[number];
  readonly state: Partial<StateView>;
}

function situation(choices: Choices): Situation {
  const { wanted, present, isEnabled, isAdopted, sharesCredential, secretOverlap, request, held, state } = choices;
  const desired = desiredBy(
    {
      ...(wanted === undefined ? {} : { authentication: { method: wanted } }),
      ...(isAdopted ? { adopt: true, clientId: REF } : {}),
      enabled: isEnabled,
    },
    request === undefined ? {} : { "m2m-operator.io/rotate-requested-at": request },
  );
  const mark = { ...desired.owner, origin: isAdopted ? "adopted" : "made", nonce: "n" } as const;
  const client = { ...CLIENT, ...held, authenticationMethod: present, isEnabled, mark };
  const capabilities = { ...CAPABILITIES, secretOverlap };
  const observed = observedWith({
    remote: { kind: "found", client, duplicates: [] },
    provider: { state: "ready", facts: { ...FACTS, capabilities } },
    adoption: { isAllowed: true, sharesCredential },
    state: { ownership: "ours", name: "job.m2m-state", version: "u/1", ...state },
    secret: { ...observedWith({}).secret, ownership: "none" },
  });
  const isReadable = state.current?.clientId === REF;
  return { what: JSON.stringify({ ...choices, state: Object.keys(state) }), desired, observed, isReadable };
}

const ALL = [...situations()];

it("a plan asks to publish only while a credential of this client can be read", () => {
  const wrong = ALL.filter(({ isReadable }) => !isReadable).filter(({ desired, observed }) =>
    plan(desired, observed, NOW).actions.some(({ type }) => type === "publishSecret"),
  );
  expect(wrong.map(({ what }) => what)).toEqual([]);
});

it("without a credential to publish, a plan does something about it or says why it does not", () => {
  const silent = ALL.filter(({ isReadable }) => !isReadable).filter(({ desired, observed }) => {
    const { actions, halt } = plan(desired, observed, NOW);
    return actions.length === 0 && halt === undefined;
  });
  expect(silent.map(({ what }) => what)).toEqual([]);
});

it("an enabled client never waits for a credential that nobody is about to store", () => {
  const waiting = ALL.filter(({ desired, observed }) => {
    const { halt } = plan(desired, observed, NOW);
    return desired.spec.isEnabled === true && halt?.kind === "wait" && halt.reason === "CredentialPending";
  });
  expect(waiting.map(({ what }) => what)).toEqual([]);
});

it("a next credential that is refused is not tried anew for the one in force", () => {
  const next = { ...SECRET, id: "n", life: { ...SECRET.life, registeredAt: new Date(0) } };
  const verification = {
    credentialId: "n",
    audience: "a",
    result: "Refused",
    message: "no",
    tries: 1,
    at: NOW,
  } as const;
  const provider = {
    state: "ready",
    facts: { ...FACTS, capabilities: { ...CAPABILITIES, secretOverlap: "full" } },
  } as const;
  const desired = desiredBy({});
  const client = { ...CLIENT, mark: { ...desired.owner, origin: "made", nonce: "n" } } as const;
  const state = { ownership: "ours", name: "job.m2m-state", version: "u/1", current: SECRET, next } as const;
  const observed = observedWith({ provider, state, verification, remote: { kind: "found", client, duplicates: [] } });
  expect(plan(desired, observed, NOW)).toMatchObject({ actions: [], halt: { reason: "VerificationFailed" } });
});

it("while a ScopeGrant is not settled, grants to prune ask for no time to come back", () => {
  const desired = desiredBy({ unmanagedGrants: { policy: "Prune", after: "1h" } });
  const client = { ...CLIENT, mark: { ...desired.owner, origin: "made", nonce: "n" } } as const;
  const grant = { ref: REF, audience: "a", scopes: [], since: new Date(0), isProtected: false };
  const observed = observedWith({
    remote: { kind: "found", client, duplicates: [] },
    ...{ unmanaged: [grant], areGrantsSettled: false },
  });
  expect(plan(desired, observed, NOW)).toEqual({ actions: [] });
});

it("in most of them there is something to publish, so that the claims above say something", () => {
  const published = ALL.filter(({ desired, observed }) =>
    plan(desired, observed, NOW).actions.some(({ type }) => type === "publishSecret"),
  );
  expect(ALL.length).toBeGreaterThan(3000);
  expect(published.length).toBeGreaterThan(100);
});
