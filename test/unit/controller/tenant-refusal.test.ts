import { expect, it } from "vitest";
import { resultOf } from "../../../src/controller/result.ts";
import { ProviderError, type ProviderErrorCode } from "../../../src/ports/provider-error.ts";

const messageOf = (error: ProviderError): string => {
  const result = resultOf(error);
  return "message" in result ? result.message : "";
};

it.each<[ProviderErrorCode, string]>([
  ["unauthorized", "Read the condition of the provider object."],
  ["forbidden", "Grant the permission that it names to the operator's client at the tenant."],
  ["role_missing", "Give the operator's administrator the role"],
  ["not_licensed", "Change the tenant's plan"],
  ["limit_reached", "Delete objects at the tenant"],
  ["invalid", "Correct the field that it names"],
  ["unsupported", "Remove the field that it names"],
  ["conflict", "Adopt it (spec.adopt), or create this resource again with another audience or client ID."],
  ["not_found", "The operator reads the tenant again"],
  ["unavailable", "The operator tries again."],
  ["ambiguous", "The operator tries again."],
])("an answer of the tenant that is %s comes with what to do", (code, advice) => {
  const message = messageOf(new ProviderError(code, "Any refused the request (400).", { isAnswer: true }));
  expect(message).toMatch(/^Any refused the request \(400\)\. /);
  expect(message).toContain(advice);
});

it("what says itself what to do is shown as it is", () => {
  expect(messageOf(new ProviderError("limit_reached", "Client a has too many keys. Delete one."))).toBe(
    "Client a has too many keys. Delete one.",
  );
});

it("missing permissions are granted to whoever the adapter names", () => {
  const options = {
    isAnswer: true,
    permissions: ["update:clients"],
    grantee: "the operator's application, client ID x",
  };
  expect(messageOf(new ProviderError("forbidden", "Any refused the request (403).", options))).toBe(
    "Any refused the request (403). Grant update:clients to the operator's application, client ID x.",
  );
});

it("a used up rate limit says that the operator continues, and what to do if it lasts", () => {
  expect(messageOf(new ProviderError("rate_limited", "x"))).toMatch(/continues by itself.*spec\.rateLimit/);
});
