import type { ClientSpec } from "../../ports/provider.ts";
import type { ProviderFacts } from "../provider-access.ts";
import { unsupportedMessage } from "../unsupported.ts";
import type { Desired, Observed } from "./model.ts";
import { stalled, type Step } from "./plan-steps.ts";

/** What the provider cannot honour, by field, before anything is done. */
export function refusalOfSpec({ spec, keys, clientId, isAdopting }: Desired, facts: ProviderFacts): Step | undefined {
  const { vendor, capabilities } = facts;
  const unsupported = unsupportedMessage(vendor, [
    {
      field: "spec.authentication.method",
      wanted: spec.authenticationMethod,
      offered: capabilities.authenticationMethods,
    },
    {
      field: "spec.authentication.privateKeyJwt.algorithm",
      wanted: keys.algorithm,
      offered: capabilities.assertionAlgorithms,
    },
    {
      field: "spec.tokenQuota",
      wanted: spec.tokenQuota === undefined ? undefined : "quotas",
      offered: capabilities.tokenQuotas ? ["quotas"] : [],
    },
    {
      field: "spec.clientId",
      wanted: clientId === undefined || isAdopting ? undefined : "without adopt",
      offered: capabilities.choosesClientId ? ["without adopt"] : [],
    },
  ]);
  if (unsupported !== undefined) return stalled("UnsupportedByProvider", unsupported);
  if (keys.problem !== undefined) return stalled("InvalidRequest", keys.problem);
  const count = keys.publicKeys?.length ?? 0;
  if (count <= capabilities.maxPublicKeys) return undefined;
  return stalled(
    "UnsupportedByProvider",
    `The provider (${vendor}) takes at most ${String(capabilities.maxPublicKeys)} keys per client: shorten spec.authentication.privateKeyJwt.publicKeys.`,
  );
}

/** JWS algorithm of client assertions. */
export function algorithmOf({ keys }: Desired, { capabilities }: ProviderFacts): string {
  return keys.algorithm ?? capabilities.assertionAlgorithms[0] ?? "RS256";
}

/** Not set: what the provider's own SDKs use. */
export function resolved({ spec }: Desired, { organization }: Observed, { capabilities }: ProviderFacts): ClientSpec {
  const method = spec.authenticationMethod ?? capabilities.authenticationMethods[0] ?? "client_secret_basic";
  const id = organization?.id;
  return { ...spec, authenticationMethod: method, ...(id === undefined ? {} : { defaultOrganization: id }) };
}
