import { describe, expect, it } from "vitest";
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
  isReadRequested: false,
  isSecretShared: false,
  formerCredentials: [],
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
const connected = (view: Partial<ConnectionView>): Partial<Observed> => ({ connection: { ...connection, ...view } });

describe("the plan of a provider object", () => {
  it.each<[string, string, Partial<Observed>, Partial<Desired>?]>([
    ["what was read a minute ago is read again after the drift interval", "in 540 s", {}],
    ["it takes its finalizer first", "addFinalizer", { hasFinalizer: false }],
    ["paused, it does nothing", "paused", { hasFinalizer: false }, { isPaused: true }],
    ["the credentials Secret is held", "holdCredentials", { credentials: { state: "present", isHeld: false } }],
    ["a credential that is read for the first time is connected", "connect", { connection: undefined }],
    ["another credential is connected again", "connect", connected({ isCurrent: false })],
    ["a connection is proved", "probe", connected({ missingPermissions: undefined, probedAt: undefined })],
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

describe("the plan of a provider object that is being deleted", () => {
  it.each<[string, string, Partial<Observed>]>([
    ["without our finalizer nothing is left to do", "", { hasFinalizer: false }],
    ["it waits for what uses it", "wait Deleting", { dependents: ["M2MClient a/b"] }],
    ["and stays connected for that", "connect", { dependents: ["M2MClient a/b"], connection: undefined }],
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
