import fc from "fast-check";
import type { Desired, Observed, RemoteView } from "../../src/kinds/m2m-client/model.ts";
import type { CredentialFacts, CredentialLife, StateView } from "../../src/kinds/state-secret/facts.ts";
import { isOwnedBy } from "../../src/ownership/owner.ts";
import type { AuthenticationMethod, ObservedClient, Ref } from "../../src/ports/provider.ts";
import { abandonments, accesses, inMs, marks, maybe, NOW, OUR_MARK, outputs, OWNER, rarely } from "./worlds.ts";

/** What the resource asks for, what the plan knows of the rest, and what nobody sees before it is tried. */
export interface ClientWorld {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly now: Date;
  /** Whether the token endpoint takes the published credential. */
  readonly isRefused: boolean;
  /** Credentials made so far. */
  readonly made: number;
}

export const REF = "client" as Ref;
export const METHODS = ["client_secret_post", "client_secret_basic", "private_key_jwt", "kubernetes"] as const;
const subjects = fc.constantFrom("system:serviceaccount:team:a", "system:serviceaccount:team:b");
const methods: fc.Arbitrary<AuthenticationMethod> = fc.constantFrom(...METHODS);
const past = fc.constantFrom(-7_200_000, -60_000, -1000).map(inMs);

const clients: fc.Arbitrary<ObservedClient> = fc
  .record({
    ...{ method: maybe(methods), mark: maybe(marks), isShown: fc.boolean(), isSystem: rarely },
    ...{ isEnabled: fc.boolean(), isServiceType: fc.boolean(), isService: fc.boolean() },
    ...{ displayName: fc.constantFrom("job", "B"), description: maybe(fc.constant("x")) },
    ...{ metadata: fc.dictionary(fc.constantFrom("a", "b"), fc.constant("x"), { maxKeys: 2 }) },
    ...{ clientId: fc.constantFrom("client", "client", "client", "operator"), keys: fc.subarray(["k1", "k2"]) },
    subject: subjects,
    secrets: fc.uniqueArray(fc.constantFrom("s1", "s2", "s3"), { minLength: 1, maxLength: 2 }),
  })
  .map(({ method, keys, secrets, subject, isShown, ...rest }) => ({
    ...rest,
    ...(method === "kubernetes" ? { subject } : {}),
    ...{ ref: REF, authenticationMethod: method, keyRefs: method === "private_key_jwt" ? keys : [] },
    secrets:
      method === "private_key_jwt" || method === "kubernetes"
        ? []
        : secrets.map((ref) => ({ ref, fingerprint: isShown ? ref : undefined })),
    ...{ tokenQuota: undefined, defaultOrganization: undefined, readAt: NOW },
  }));

const lives: fc.Arbitrary<CredentialLife> = fc.record({
  ...{ createdAt: past, isShown: fc.boolean(), registeredAt: maybe(past), announcedAt: maybe(past) },
  ...{ activatedAt: maybe(past), publishedAt: maybe(past) },
});

const credential = (...ids: readonly string[]): fc.Arbitrary<CredentialFacts> =>
  fc
    .record({
      ...{ id: fc.constantFrom(...ids), method: methods, life: lives, isRegistered: fc.boolean() },
      ...{ algorithm: fc.constantFrom("RS256", "PS256"), request: maybe(fc.constant("r1")) },
      subject: subjects,
      clientId: fc.oneof({ weight: 5, arbitrary: fc.constant("client") }, fc.constantFrom("gone", "")),
    })
    .map(({ id, method, life, isRegistered, algorithm, subject, ...rest }): CredentialFacts => {
      const common = { ...rest, id, life, createdAt: life.createdAt.toISOString() };
      const registration = isRegistered ? id : undefined;
      // It is never beside another credential.
      if (method === "kubernetes")
        return { ...common, kind: "serviceAccount", authenticationMethod: method, registration: undefined, subject };
      return method === "private_key_jwt"
        ? { ...common, kind: "key", authenticationMethod: method, registration, keyId: id, algorithm }
        : { ...common, kind: "secret", authenticationMethod: method, registration, fingerprint: id };
    });

const states: fc.Arbitrary<StateView> = fc
  .record({
    ownership: fc.constantFrom(
      "none" as const,
      "ours" as const,
      "ours" as const,
      "takeOver" as const,
      "foreign" as const,
    ),
    ...{
      current: maybe(credential("s1", "k1")),
      next: maybe(credential("s2", "k2")),
      previous: maybe(credential("s3", "k3")),
    },
  })
  .map(({ ownership, current, next, previous }) => ({
    ...{ ownership, name: "job.m2m-state", version: "1" },
    ...(ownership === "none" || ownership === "foreign"
      ? {}
      : {
          ...(current === undefined || current.clientId === "" ? {} : { current }),
          ...(next === undefined ? {} : { next }),
          ...(previous === undefined ? {} : { previous }),
        }),
  }));

const remotes: fc.Arbitrary<RemoteView> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("found" as const),
      client: clients,
      duplicates: fc.subarray(["twin" as Ref]),
    }),
  },
  fc.record({ kind: fc.constantFrom("notOurs" as const, "madeByPredecessor" as const), client: clients }),
  fc.record({ kind: fc.constant("adoptable" as const), client: maybe(clients) }),
  fc.constantFrom<RemoteView>({ kind: "unread" }, { kind: "absent" }, { kind: "unsettled", until: inMs(1000) }),
);

const durations = fc.constantFrom(0, 1000, 3_600_000);
const desires: fc.Arbitrary<Desired> = fc.record({
  ...{ isAbsent: rarely, isPaused: rarely, isAdopting: fc.boolean(), clientId: maybe(fc.constant("client")) },
  rotation: fc.record({
    ...{ everyMs: maybe(fc.constant(3_600_000)), announceMs: durations, overlapMs: durations, maxWaitMs: durations },
    ...{
      waitForPods: fc.constantFrom(undefined, "None" as const, "All" as const),
      request: maybe(fc.constantFrom("r1", "r2")),
    },
    compromisedAt: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      past.map((time) => ({ time })),
      fc.constant({ problem: "no time" }),
    ),
    jitter: fc.constant(0.5),
  }),
  ...{ deletionPolicy: fc.constantFrom(undefined, "Delete" as const, "Retain" as const), owner: fc.constant(OWNER) },
  names: fc.constant({ namespace: "team", name: "job" }),
  spec: fc
    .record({
      ...{
        displayName: fc.constant("job"),
        metadata: fc.constantFrom({}, { a: "x" }, { a: "y" }),
        isEnabled: fc.boolean(),
      },
      authenticationMethod: maybe(methods),
    })
    .map(({ authenticationMethod, ...rest }) =>
      authenticationMethod === undefined ? rest : { ...rest, authenticationMethod },
    ),
  keys: fc.constantFrom(
    {},
    {},
    {},
    { algorithm: "PS256" },
    { publicKeys: [{ keyId: "own", pem: "pem", type: "RSA" }] },
    { publicKeys: [{ keyId: "own", pem: "pem", type: "P-256" }] },
    { problem: "no key" },
  ),
  ...{ defaultOrganization: fc.constant(undefined), prunesAfterMs: maybe(fc.constant(60_000)) },
  owns: fc.record({
    ...{ displayName: fc.boolean(), description: fc.boolean(), metadata: fc.boolean() },
    ...{ authenticationMethod: fc.boolean(), isEnabled: fc.boolean() },
  }),
});

const pods = fc.constantFrom<Observed["rotation"]["pods"]>(
  { kind: "read", waiting: [] },
  { kind: "read", waiting: ["pod"] },
  { kind: "unread" },
  { kind: "unreadable", problem: "forbidden" },
);

const observations: fc.Arbitrary<Observed> = fc.record({
  ...{ hasFinalizer: fc.boolean(), mayHaveMade: fc.boolean(), provider: accesses, remote: remotes, state: states },
  ...{ origin: fc.constantFrom("Made" as const, "Adopted" as const), leftBehind: fc.subarray(["left" as Ref]) },
  adoption: fc.record({ isAllowed: fc.boolean(), sharesCredential: fc.boolean() }),
  registered: fc
    .subarray(["s1", "s2", "s3", "k1", "k2"])
    .map((all) =>
      all.map((ref) => ({ ref, keyId: ref.startsWith("k") ? ref : undefined, createdAt: NOW.toISOString() })),
    ),
  rotation: fc.record({
    ...{ previouslyScheduledAt: maybe(past), isPublished: fc.boolean(), isAnnouncing: fc.boolean(), pods },
    ...{ formerPods: pods, mayReadPods: fc.boolean(), allowedAt: maybe(fc.constant(inMs(1000))) },
  }),
  ...{ organization: fc.constant(undefined), areGrantsSettled: fc.boolean(), mayRecover: fc.boolean() },
  unmanaged: fc
    .record({ since: maybe(past), isProtected: fc.boolean() })
    .map((grant) => [{ ...grant, ref: "unmanaged" as Ref, audience: "aud", scopes: [] }]),
  isNamespaceTerminating: rarely,
  secret: outputs("Secret", "job"),
  blocked: fc.constantFrom(undefined, undefined, {
    kind: "unmet" as const,
    reason: "GrantNotReady" as const,
    message: "no",
  }),
  formerSecrets: maybe(past).map((since) => [{ name: "old", since }]),
  verification: maybe(
    fc.record({
      ...{ credentialId: fc.constantFrom("s1", "s2"), audience: fc.constant("aud"), message: fc.constant("no") },
      ...{
        result: fc.constantFrom("Verified" as const, "Refused" as const),
        tries: fc.integer({ min: 1, max: 3 }),
        at: past,
      },
    }),
  ),
  serviceAccount: maybe(
    fc.record({ exists: fc.boolean(), claimedBy: fc.constantFrom<readonly string[]>([], [], ["other"]) }),
  ),
  verifiableAudience: maybe(fc.constant("aud")),
  unverifiableBecause: fc.constantFrom(undefined, undefined, "disabled"),
  verifiableAt: fc.constantFrom(NOW, inMs(1000)),
  abandonment: abandonments,
});

export const clientWorlds: fc.Arbitrary<ClientWorld> = fc
  .record({ desired: desires, observed: observations, isRefused: rarely })
  .map(({ desired, observed, isRefused }) => ({
    ...{ desired: withServiceAccount(desired), isRefused, made: 0, now: NOW },
    observed: { ...observed, remote: shownBy(observed) },
  }));

/** The schema asks for it with this method alone, and takes neither keys nor a period of rotation with it. */
function withServiceAccount(desired: Desired): Desired {
  if (desired.spec.authenticationMethod !== "kubernetes") return desired;
  const serviceAccount = { namespace: "team", name: "a", subject: "system:serviceaccount:team:a" };
  const owns = { ...desired.owns, authenticationMethod: true };
  return { ...desired, owns, serviceAccount, keys: {}, rotation: { ...desired.rotation, everyMs: undefined } };
}

/** Without a provider nothing is read; what carries this resource's mark is found, and no other kind of remote has it. */
function shownBy({ provider, remote }: Observed): RemoteView {
  if (provider.state !== "ready") return { kind: "unread" };
  if (remote.kind === "found" || !("client" in remote) || remote.client === undefined) return remote;
  const { mark } = remote.client;
  if (remote.kind === "madeByPredecessor")
    return { ...remote, client: { ...remote.client, mark: { ...(mark ?? OUR_MARK), ...OWNER, uid: "earlier" } } };
  return isOwnedBy(mark, OWNER) ? { ...remote, client: { ...remote.client, mark: undefined } } : remote;
}
