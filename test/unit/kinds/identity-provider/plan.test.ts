import { describe, expect, it } from "vitest";
import type { Failure } from "../../../../src/ports/tenant-trouble.ts";
import {
  type ConnectionView,
  type Desired,
  type Observed,
  plan,
} from "../../../../src/kinds/identity-provider/plan.ts";

const NOW = new Date("2026-01-01T12:00:00Z");
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);

const desired: Desired = { isAbsent: false, isPaused: false, driftIntervalMs: 600_000 };
const connection: ConnectionView = {
  isCurrent: true,
  connectedAt: ago(61),
  operator: { tenant: "tenant", clientId: "operator" },
  missingPermissions: [],
  probedAt: ago(60),
  refreshedAt: ago(60),
  oldestReadAt: ago(60),
};
const converged: Observed = {
  hasFinalizer: true,
  credentials: { state: "present", isHeld: true },
  connection,
  dependents: [],
  remaining: [],
  isReadRequested: false,
  isSecretShared: false,
  orphans: { members: [], digest: "", isConfirmed: false },
  formerCredentials: [],
  failure: undefined,
  doubtedAt: undefined,
  isDeletionWaiting: false,
  retryMs: 60_000,
};

const stepsOf = (observed: Partial<Observed>, wanted: Partial<Desired> = {}): string => {
  const { actions, halt, recheckAt } = plan({ ...desired, ...wanted }, { ...converged, ...observed }, NOW);
  const secondsUntil = (at: Date): string => `in ${String((at.getTime() - NOW.getTime()) / 1000)} s`;
  const stop =
    halt === undefined
      ? []
      : halt.kind === "paused"
        ? ["paused"]
        : [`${halt.kind} ${halt.reason}`, ...("until" in halt ? [secondsUntil(halt.until)] : [])];
  return [
    ...actions.map(({ type }) => type),
    ...stop,
    ...(recheckAt === undefined ? [] : [secondsUntil(recheckAt)]),
  ].join(", ");
};
const failing = (kind: Failure["kind"], since: number, lastAt: number): Partial<Observed> => ({
  failure: { kind, reason: "ProviderUnavailable", message: "", since: ago(since), lastAt: ago(lastAt) },
});
const connected = (view: Partial<ConnectionView>): Partial<Observed> => ({ connection: { ...connection, ...view } });

const ORPHANS = { members: [], digest: "0123456789abcdef", isConfirmed: false };

describe("the plan of a provider object", () => {
  it.each<[string, string, Partial<Observed>, Partial<Desired>?]>([
    ["what was read a minute ago is read again after the drift interval", "in 540 s", {}],
    ["it takes its finalizer first", "addFinalizer", { hasFinalizer: false }],
    ["paused, it does nothing", "paused", { hasFinalizer: false }, { isPaused: true }],
    ["the credentials Secret is held", "holdCredentials", { credentials: { state: "present", isHeld: false } }],
    ["without a Secret, there is none to hold", "in 540 s", { credentials: { state: "unneeded" } }],
    ["and it is connected", "connect", { credentials: { state: "unneeded" }, connection: undefined }],
    ["nor is one released", "disconnect, removeFinalizer", { credentials: { state: "unneeded" } }, { isAbsent: true }],
    ["a credential that is read for the first time is connected", "connect", { connection: undefined }],
    ["another credential is connected again", "connect", connected({ isCurrent: false })],
    ["a connection is proved", "probe", connected({ missingPermissions: undefined, probedAt: undefined })],
    ["what belongs to nobody is only named", "in 540 s", { orphans: ORPHANS }],
    ["until its deletion is confirmed", "removeOrphans", { orphans: { ...ORPHANS, isConfirmed: true } }],
    ["then the tenant is read", "refreshTenant", connected({ refreshedAt: undefined })],
    ["the tenant is read again after the drift interval", "refreshTenant", connected({ refreshedAt: ago(600) })],
    ["or when somebody asks for it", "refreshTenant", { isReadRequested: true }],
    [
      "missing permissions are asked for again after a minute",
      "stalled PermissionsMissing, in 30 s",
      connected({ missingPermissions: ["read:clients"], probedAt: ago(30) }),
    ],
    ["and then", "probe", connected({ missingPermissions: ["read:clients"], probedAt: ago(60) })],
    ["a Secret that no provider names is released", "releaseFormerCredentials", { formerCredentials: ["old"] }],
    [
      "also when the Secret that the spec names does not exist",
      "releaseFormerCredentials",
      { formerCredentials: ["old"], credentials: { state: "missing", message: "" } },
    ],
  ])("%s", (_what, steps, observed, wanted) => {
    expect(stepsOf(observed, wanted)).toBe(steps);
  });
});

const LOST = { state: "missing", message: "" } as const;

describe("the plan of a provider object whose tenant cannot be used", () => {
  it.each<[string, string, Partial<Observed>]>([
    ["it is tried again after a second", "wait ProviderUnavailable, in 1 s", failing("wait", 0, 0)],
    ["and after as long as it has failed", "wait ProviderUnavailable, in 9 s", failing("wait", 11, 1)],
    ["but at least once a minute", "wait ProviderUnavailable, in 59 s", failing("wait", 3600, 1)],
    ["that try reads the tenant", "refreshTenant", failing("wait", 3600, 60)],
    [
      "or proves a credential that never was",
      "probe",
      { ...connected({ missingPermissions: undefined, probedAt: undefined }), ...failing("wait", 3600, 60) },
    ],
    [
      "what was refused once is tried again after five seconds",
      "wait ProviderUnavailable, in 4 s",
      { failure: { ...(failing("wait", 1, 1).failure as Failure), isRefusal: true } },
    ],
    ["what was refused twice after another ten", "stalled ProviderUnavailable, in 9 s", failing("stalled", 6, 1)],
    ["a person who must act has ten minutes", "stalled ProviderUnavailable, in 590 s", failing("stalled", 3600, 10)],
    [
      "a deletion that waits is told sooner",
      "stalled ProviderUnavailable, in 50 s",
      { ...failing("stalled", 3600, 10), isDeletionWaiting: true },
    ],
    [
      "also of missing permissions",
      "probe",
      {
        ...connected({ missingPermissions: ["read:clients"], probedAt: ago(2) }),
        ...{ isDeletionWaiting: true, retryMs: 2000 },
      },
    ],
    [
      "missing permissions are asked for again on request",
      "probe",
      { ...connected({ missingPermissions: ["read:clients"], probedAt: ago(1) }), isReadRequested: true },
    ],
    [
      "a proof of permissions that failed is tried again at the pace of failures",
      "wait ProviderUnavailable, in 9 s",
      { ...connected({ missingPermissions: ["read:clients"], probedAt: ago(70) }), ...failing("wait", 11, 1) },
    ],
    [
      "and then asks for them again",
      "probe",
      { ...connected({ missingPermissions: ["read:clients"], probedAt: ago(3600) }), ...failing("wait", 3000, 60) },
    ],
    [
      "what failed with another credential is over",
      "probe",
      {
        ...connected({ missingPermissions: undefined, probedAt: undefined, connectedAt: ago(1) }),
        ...failing("stalled", 3600, 10),
      },
    ],
    [
      "what failed before it was proved is over",
      "refreshTenant",
      {
        ...connected({ probedAt: ago(1) }),
        ...failing("stalled", 3600, 10),
      },
    ],
    ["whoever asks for a read gets it", "refreshTenant", { ...failing("stalled", 10, 10), isReadRequested: true }],
    [
      "a doubt is cleared a minute after the last read",
      "in 20 s",
      {
        ...connected({ refreshedAt: ago(40) }),
        doubtedAt: ago(30),
      },
    ],
    ["at once when that is longer ago", "refreshTenant", { doubtedAt: ago(30) }],
    ["a doubt from before the last read is none", "in 540 s", { doubtedAt: ago(61) }],
    ["a lost credential ends the connection", "disconnect", { credentials: LOST }],
    ["which is noted also where there was none", "disconnect", { credentials: LOST, connection: undefined }],
    [
      "and then somebody must act",
      "stalled CredentialsMissing",
      { credentials: LOST, connection: undefined, ...failing("stalled", 10, 10) },
    ],
  ])("%s", (_what, steps, observed) => {
    expect(stepsOf(observed)).toBe(steps);
  });
});

it("what a person must do is told with whom and where", () => {
  const missing = plan(
    desired,
    { ...converged, ...connected({ missingPermissions: ["a", "b"], probedAt: ago(30) }) },
    NOW,
  ).halt;
  expect(missing).toMatchObject({
    message: "The operator's client (client ID operator) lacks permissions at tenant tenant: a, b. Grant them there.",
  });
  const used = plan(
    { ...desired, isAbsent: true },
    { ...converged, dependents: ["M2MClient a/b"], remaining: ["M2MClient a/b"] },
    NOW,
  ).halt;
  const going = plan({ ...desired, isAbsent: true }, { ...converged, dependents: ["M2MClient a/b"] }, NOW).halt;
  expect(going).toMatchObject({ message: "This provider object waits for the deletion of what uses it: 1 resource." });
  expect(going).not.toHaveProperty("isUnmet");
  expect(used).toMatchObject({
    isUnmet: true,
    message:
      "This provider object is still used by M2MClient a/b, and stays until they are deleted. To keep what they made at the tenant, set their deletionPolicy: Retain first. Then delete them.",
  });
});

describe("the plan of a provider object that is being deleted", () => {
  it.each<[string, string, Partial<Observed>]>([
    ["without our finalizer nothing is left to do", "", { hasFinalizer: false }],
    [
      "it waits for what uses it, and is read meanwhile",
      "wait Deleting, in 540 s",
      { dependents: ["M2MClient a/b"], remaining: ["M2MClient a/b"] },
    ],
    [
      "and stays connected for that",
      "connect",
      { dependents: ["M2MClient a/b"], remaining: ["M2MClient a/b"], connection: undefined },
    ],
    ["it releases its Secret last", "disconnect, releaseCredentials, removeFinalizer", {}],
    ["unless another provider object needs it", "disconnect, removeFinalizer", { isSecretShared: true }],
    [
      "and every Secret that it held before",
      "disconnect, releaseFormerCredentials, releaseCredentials, removeFinalizer",
      { formerCredentials: ["old"] },
    ],
    ["it ends without its Secret", "disconnect, removeFinalizer", { credentials: { state: "missing", message: "" } }],
  ])("%s", (_what, steps, observed) => {
    expect(stepsOf(observed, { isAbsent: true })).toBe(steps);
  });
});
