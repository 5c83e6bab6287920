import type { ProviderError, ProviderErrorCode } from "../ports/provider-error.ts";

const AGAIN =
  "The operator tries again. If it lasts, check the status of the tenant, the proxy (--https-proxy) and the network policy.";

const ADVICE: Partial<Record<ProviderErrorCode, string>> = {
  unauthorized: "Read the condition of the provider object.",
  role_missing: "Give the operator's administrator the role that the provider's guide names.",
  not_licensed: "Change the tenant's plan, or remove from the spec what needs this feature.",
  limit_reached: "Delete objects at the tenant that nobody uses, or change the plan.",
  invalid: "Correct the field that it names in the spec.",
  unsupported: "Remove the field that it names from the spec.",
  conflict:
    "Something at the tenant has the same name or key. Adopt it (spec.adopt), or create this resource again with another audience or client ID. Delete the object at the tenant only if nobody uses it.",
  not_found:
    "Something that the request needs does not exist at the tenant. The operator reads the tenant again and tries again.",
  unavailable: AGAIN,
  ambiguous: AGAIN,
};

/** What the operator itself found, and tries again: its message says all else. */
const RETRIED: ReadonlySet<ProviderErrorCode> = new Set(["not_found", "unavailable", "ambiguous"]);

/** For people: what came of a request to the tenant, and what to do about it. */
export function tenantMessage(error: ProviderError): string {
  const { message, isAnswer, code } = error;
  const ofAnswer = code === "forbidden" ? grantText(error) : ADVICE[code];
  const ofOwn = RETRIED.has(code) ? "The operator tries again." : undefined;
  const advice = isAnswer ? ofAnswer : ofOwn;
  return advice === undefined ? message : `${message} ${advice}`;
}

function grantText({ permissions, grantee = "the operator's client at the tenant" }: ProviderError): string {
  const what = permissions.length === 0 ? "the permission that it names" : permissions.join(" or ");
  return `Grant ${what} to ${grantee}.`;
}
