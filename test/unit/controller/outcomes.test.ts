import { describe, expect, it } from "vitest";
import { backoffMs } from "../../../src/controller/backoff.ts";
import { conditionOf, firstConditions, nextConditions } from "../../../src/controller/conditions.ts";
import { REASONS } from "../../../src/kinds/status/reasons.ts";
import { conditionsMarkdown } from "../../../scripts/generate/conditions-markdown.ts";
import { afterRefusal } from "../../../src/controller/refusals.ts";
import { type ReconcileResult, resultOf } from "../../../src/controller/result.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { ProviderError, type ProviderErrorCode } from "../../../src/ports/provider-error.ts";

describe("the outcome of an error", () => {
  it.each<[ProviderErrorCode, string]>([
    ["unauthorized", "stalled CredentialsInvalid"],
    ["no_credential", "stalled CredentialsMissing"],
    ["forbidden", "stalled PermissionsMissing"],
    ["not_licensed", "stalled FeatureNotLicensed"],
    ["limit_reached", "stalled LimitReached"],
    ["invalid", "stalled InvalidRequest"],
    ["unsupported", "stalled UnsupportedByProvider"],
    ["outdated", "stalled UnsupportedVersion"],
    ["disputed", "stalled Conflict"],
    ["conflict", "backoff ProgressingWithRetry"],
    ["not_found", "backoff ProgressingWithRetry"],
    ["ambiguous", "backoff ProgressingWithRetry"],
    ["unavailable", "backoff ProviderUnavailable"],
    ["rate_limited", "wait Progressing"],
  ])("of %s is %s", (code, expected) => {
    const result = resultOf(new ProviderError(code, "safe"));
    expect("reason" in result ? `${result.kind} ${result.reason}` : result.kind).toBe(expected);
  });

  it("of a lost race is to look again, quietly", () => {
    const error = new KubeError(409, "Conflict", "");
    expect(resultOf(error)).toEqual({ kind: "readAgain", error });
  });

  it.each<[number, string, string, { kind: string; name: string } | undefined, string]>([
    [
      422,
      'Secret "a" is invalid: data: Forbidden: field is immutable when `immutable` is set',
      "Invalid",
      { kind: "Secret", name: "a" },
      'Delete Secret "a": the operator creates it again.',
    ],
    [403, 'secrets "a" is forbidden: exceeded quota: few', "Forbidden", undefined, "Raise the quota"],
    [403, 'User "x" cannot create resource "secrets"', "Forbidden", undefined, "Grant the operator's service account"],
    [400, 'admission webhook "w" denied the request: no', "BadRequest", undefined, "Change the policy"],
    [413, "etcdserver: request is too large", "RequestEntityTooLarge", undefined, "Change what this message names."],
  ])("of %i %s from the API server is its own message, and what to do", (code, text, reason, object, advice) => {
    const result = resultOf(new KubeError(code, reason, text, object === undefined ? {} : { object }));
    expect(result).toMatchObject({ kind: "stalled", reason: "ApiServerRefused" });
    expect("message" in result && result.message).toContain(`${text}. ${advice}`);
  });

  it("of an API server that fails is another try, with what it said", () => {
    const result = resultOf(new KubeError(500, "InternalError", "failed calling webhook"));
    expect(result).toMatchObject({ kind: "backoff", reason: "ProgressingWithRetry" });
    expect("message" in result && result.message).toContain("failed calling webhook");
  });

  it("of anything unknown is another try, and its message is not shown", () => {
    const result = resultOf(new Error("might quote a secret"));
    expect(result.kind).toBe("backoff");
    expect(JSON.stringify({ ...result, error: undefined })).not.toContain("secret");
  });
});

describe("a refusal", () => {
  const refused = resultOf(new ProviderError("unauthorized", "no"));
  const pausesUntil = (seconds: number): readonly string[] => {
    const seen: string[] = [];
    for (let at = 0; at < seconds;) {
      const result = afterRefusal(refused, at === 0 ? undefined : at * 1000);
      const pause = (("retryAfterMs" in result ? result.retryAfterMs : undefined) ?? 0) / 1000;
      seen.push(`${"reason" in result ? result.reason : ""} at ${String(at)}`);
      at += pause;
    }
    return seen;
  };

  it("is tried again after 5, 15, 45 … seconds, and only the second is called Stalled", () => {
    expect(pausesUntil(400)).toEqual([
      "ProgressingWithRetry at 0",
      "CredentialsInvalid at 5",
      "CredentialsInvalid at 15",
      "CredentialsInvalid at 45",
      "CredentialsInvalid at 135",
    ]);
    expect(afterRefusal(refused, 3_600_000)).toMatchObject({ kind: "stalled", retryAfterMs: 600_000 });
  });

  it("is not what a plan says by itself", () => {
    const planned: ReconcileResult = { kind: "stalled", reason: "Conflict", message: "" };
    expect(afterRefusal(planned, undefined)).toBe(planned);
  });
});

describe("pauses", () => {
  it("double from one second to fifteen minutes, with jitter", () => {
    expect([1, 2, 3, 4].map((failures) => backoffMs(failures, 1))).toEqual([1000, 2000, 4000, 8000]);
    expect(backoffMs(50, 1)).toBe(15 * 60_000);
    expect(backoffMs(5, 0)).toBe(500);
  });
});

const T0 = new Date("2026-01-01T00:00:00Z");
const T1 = new Date("2026-01-01T00:01:00Z");
const next = (result: ReconcileResult, previous = firstConditions(1, T0), now = T1) =>
  nextConditions({ previous, generation: 2, now, result, judgements: [], readyMessage: "fine" });

describe("conditions", () => {
  it.each<[ReconcileResult, string, readonly string[]]>([
    [{ kind: "done" }, "True", ["Ready"]],
    [{ kind: "requeueAfter", ms: 1 }, "True", ["Ready"]],
    [{ kind: "wait", reason: "ApiNotReady", message: "" }, "False", ["Ready", "Reconciling"]],
    [
      { kind: "backoff", reason: "ProviderUnavailable", message: "", error: undefined },
      "False",
      ["Ready", "Reconciling"],
    ],
    [{ kind: "stalled", reason: "Conflict", message: "" }, "False", ["Ready", "Stalled"]],
    [{ kind: "paused" }, "Unknown", ["Ready"]],
  ])("of %j: Ready is %s", (result, ready, types) => {
    const conditions = next(result);
    expect(conditions.map(({ type }) => type)).toEqual(types);
    expect(conditionOf(conditions, "Ready")).toMatchObject({ status: ready, observedGeneration: 2 });
  });

  it("the time of a transition moves only when the status does", () => {
    const first = next({ kind: "stalled", reason: "Conflict", message: "" });
    const second = next({ kind: "wait", reason: "ApiNotReady", message: "" }, first, new Date(T1.getTime() + 1000));
    expect(conditionOf(second, "Ready")).toMatchObject({ reason: "ApiNotReady", lastTransitionTime: T1.toISOString() });
    const third = next({ kind: "done" }, second, new Date(T1.getTime() + 2000));
    expect(conditionOf(third, "Ready")?.lastTransitionTime).toBe("2026-01-01T00:01:02.000Z");
  });

  it("every reason is explained", () => {
    const page = conditionsMarkdown();
    for (const reason of Object.keys(REASONS)) expect(page).toContain(`| \`${reason}\` |`);
  });
});
