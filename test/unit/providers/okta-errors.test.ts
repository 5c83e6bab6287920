import { describe, expect, it } from "vitest";
import { TransportError } from "../../../src/ports/http-transport.ts";
import { providerErrorOf } from "../../../src/providers/okta/errors.ts";

const cause = (errorSummary: string) => ({ errorCauses: [{ errorSummary }] });
const headers = (entries: Readonly<Record<string, string>>) => new Headers(entries);

describe("an answer of Okta", () => {
  it.each<[string, object, string]>([
    ["401 E0000011", { status: 401, errorCode: "E0000011" }, "unauthorized"],
    ["401 E0000015", { status: 401, errorCode: "E0000015" }, "not_licensed"],
    ["403 E0000006", { status: 403, errorCode: "E0000006" }, "role_missing"],
    ["403 without a body", { status: 403 }, "forbidden"],
    ["404 E0000007", { status: 404, errorCode: "E0000007" }, "not_found"],
    ["429 E0000047", { status: 429, errorCode: "E0000047" }, "rate_limited"],
    ["423 E0000239", { status: 423, errorCode: "E0000239" }, "unavailable"],
    ["400 E0000001", { status: 400, errorCode: "E0000001", ...cause("name: must not be blank") }, "invalid"],
    [
      "400 for a third secret",
      {
        status: 400,
        errorCode: "E0000001",
        ...cause("You've reached the maximum number of client secrets per client."),
      },
      "limit_reached",
    ],
    [
      "400 for a client that is not known everywhere yet",
      { status: 400, errorCode: "E0000001", ...cause("conditions.clients.include: Resource not found: 0oa1") },
      "unavailable",
    ],
  ])("%s is %s", (_what, failure, code) => {
    expect(providerErrorOf(failure, true).code).toBe(code);
  });

  it.each([
    [500, true, "ambiguous"],
    [500, false, "unavailable"],
    [503, true, "ambiguous"],
  ] as const)("%s, writing: %s, is %s", (status, isWrite, code) => {
    expect(providerErrorOf({ status, errorCode: "E0000009" }, isWrite).code).toBe(code);
  });

  it("names the scope that the operator's app lacks", () => {
    const challenge = 'Bearer realm="http://org", scope="okta.apps.manage", error="insufficient_scope"';
    const error = providerErrorOf({ status: 403, headers: headers({ "www-authenticate": challenge }) }, true);
    expect(error).toMatchObject({ code: "forbidden", permissions: ["okta.apps.manage"] });
    expect(error.message).toContain("okta.apps.manage");
  });

  it("that asks to wait says for how long by the vendor's own clock", () => {
    const date = new Date("2026-01-01T00:00:30Z");
    const reset = String(date.getTime() / 1000 + 20);
    const failure = { status: 429, headers: headers({ "x-rate-limit-reset": reset, date: date.toUTCString() }) };
    expect(providerErrorOf(failure, false).retryAfterMs).toBe(20_000);
  });

  it("is never quoted where it might hold a secret", () => {
    const secret = "not-a-real-secret".repeat(4);
    const error = providerErrorOf({ status: 400, errorCode: "E0000001", ...cause(`client_secret: ${secret}`) }, true);
    expect(error.message).not.toContain(secret);
    expect(JSON.stringify(error)).not.toContain(secret);
  });

  it("that never came is ambiguous for a write that was sent, and nothing more than unavailable else", () => {
    const lost = new TransportError("network", "the connection failed", { sent: true });
    expect(providerErrorOf(new Error("wrapped", { cause: lost }), true).code).toBe("ambiguous");
    expect(providerErrorOf(lost, false).code).toBe("unavailable");
    const refused = new TransportError("network", "the connection failed", { sent: false });
    expect(providerErrorOf(refused, true).code).toBe("unavailable");
  });
});
