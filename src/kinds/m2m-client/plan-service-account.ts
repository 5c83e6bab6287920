import type { Desired, Observed } from "./model.ts";
import { stalledUntil, type Step, unmetUntil } from "./plan-steps.ts";

/** Nothing tells that a service account was created, or that another client is gone: check again this often. */
const RETRY_MS = 15_000;

/** Why the client cannot authenticate with the service account that the spec names; `undefined` when it can. */
export function serviceAccountHalt(
  { serviceAccount: wanted }: Desired,
  { serviceAccount: seen }: Observed,
  now: Date,
): Step | undefined {
  if (wanted === undefined || seen === undefined) return undefined;
  const { namespace, name } = wanted;
  const [other] = seen.claimedBy;
  if (other !== undefined)
    return stalledUntil(
      "Conflict",
      `Client ${other} of the tenant has ServiceAccount "${name}" too, and the provider refuses both while two clients have it. Name another service account, or delete client ${other}.`,
      new Date(now.getTime() + RETRY_MS),
    );
  if (seen.exists) return undefined;
  return unmetUntil(
    "ServiceAccountNotFound",
    `ServiceAccount "${name}" does not exist in namespace ${namespace}. Create it, or correct spec.authentication.serviceAccount.`,
    new Date(now.getTime() + RETRY_MS),
  );
}

/** Why no token can be had with the service account; `undefined` when one can. */
export function noTokenBecause(
  { serviceAccount: seen }: Pick<Observed, "serviceAccount">,
  mayRequestTokens: boolean,
): string | undefined {
  if (!mayRequestTokens)
    return "The operator requests no tokens of service accounts. To let it check the client, start it with --token-requests.";
  if (seen?.exists === false) return "The service account does not exist.";
  if (seen !== undefined && seen.claimedBy.length > 0) return "Another client has the same service account.";
  return undefined;
}
