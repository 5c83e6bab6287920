import { ProviderError, type ProviderErrorCode } from "../../src/ports/provider-error.ts";
import { Failure } from "../failure.ts";

const ADVICE: Partial<Record<ProviderErrorCode, string>> = {
  unauthorized:
    "Correct the credential in the Secret that spec.credentialsSecretRef names. Without a Secret: do what the message says.",
  forbidden: "Give the operator's credential the permission to read at the tenant.",
  role_missing: "Give the administrator behind the operator's credential a role that may read at the tenant.",
  rate_limited: "Try again later, or set spec.rateLimit of the provider to the limits of the tenant's plan.",
  unavailable: "Check the network, and the provider's condition: kubectl m2m status.",
};

/** What a failed request to the tenant means for people. Everything else is returned as it came. */
export function tenantFailure(error: unknown, provider: string): unknown {
  if (!(error instanceof ProviderError)) return error;
  const permissions = error.permissions.length === 0 ? "" : ` Missing: ${error.permissions.join(", ")}.`;
  return new Failure(`The tenant of ${provider} cannot be read: ${error.message}${permissions}`, ADVICE[error.code]);
}
