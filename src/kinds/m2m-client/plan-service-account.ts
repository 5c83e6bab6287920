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
      `Client ${other} of the tenant has ServiceAccount ${namespace}/${name} too, and the provider refuses both while two clients have it. Name another one in spec.authentication.serviceAccount, or delete client ${other} at the tenant.`,
      new Date(now.getTime() + RETRY_MS),
    );
  if (seen.exists) return undefined;
  return unmetUntil(
    "ServiceAccountNotFound",
    `ServiceAccount ${namespace}/${name} does not exist. Create it, or correct spec.authentication.serviceAccount.`,
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
  if (seen?.exists === false)
    return "The service account of spec.authentication.serviceAccount does not exist. Create it.";
  if (seen !== undefined && seen.claimedBy.length > 0)
    return `Client ${seen.claimedBy[0] ?? ""} of the tenant has the same service account. Name another one, or delete that client.`;
  return undefined;
}
