import { algorithmFor } from "../../ports/signing-algorithms.ts";
import type { Capabilities, ClientSpec } from "../../ports/provider.ts";
import type { ProviderFacts } from "../access/provider-access.ts";
import { type Choice, unsupportedMessage, vendorText } from "../access/unsupported.ts";
import type { Desired, Observed, WantedKeys } from "./model.ts";
import { stalled, type Step } from "./plan-steps.ts";

/** What the provider cannot honour, by field, before anything is done. */
export function refusalOfSpec(desired: Desired, facts: ProviderFacts): Step | undefined {
  const { keys } = desired;
  const { capabilities } = facts;
  const unsupported = unsupportedMessage(facts, choicesOf(desired, facts));
  if (unsupported !== undefined) return stalled("UnsupportedByProvider", unsupported);
  if (keys.problem !== undefined) return stalled("InvalidRequest", keys.problem);
  const count = keys.publicKeys?.length ?? 0;
  if (count <= capabilities.maxPublicKeys) return undefined;
  return stalled(
    "UnsupportedByProvider",
    `${vendorText(facts)} supports at most ${String(capabilities.maxPublicKeys)} keys per client. Shorten spec.authentication.privateKeyJwt.publicKeys.`,
  );
}

function choicesOf(
  { spec, keys, clientId, isAdopting, defaultOrganization, serviceAccount }: Desired,
  { capabilities, vendorLabel }: ProviderFacts,
): readonly Choice[] {
  const { authenticationMethods, assertionAlgorithms, tokenQuotas, organizations, choosesClientId } = capabilities;
  const { methodsBySetting = {} } = capabilities;
  return [
    {
      field: "spec.authentication.method",
      wanted: spec.authenticationMethod,
      offered: authenticationMethods,
      setting: methodsBySetting[spec.authenticationMethod ?? "client_secret_basic"],
      companion: serviceAccount === undefined ? undefined : "spec.authentication.serviceAccount",
    },
    {
      field: "spec.authentication.privateKeyJwt.algorithm",
      wanted: keys.algorithm,
      offered: assertionAlgorithms,
    },
    ...keyChoice(keys, capabilities),
    switchOf("spec.tokenQuota", "quotas", spec.tokenQuota !== undefined, tokenQuotas),
    switchOf("spec.defaultOrganization", "set", defaultOrganization !== undefined, organizations),
    {
      ...switchOf("spec.clientId", "without adopt", clientId !== undefined && !isAdopting, choosesClientId),
      remedy: `${vendorLabel} chooses client IDs. Create this M2MClient again without spec.clientId, or with adopt: true to adopt client ${clientId ?? ""}.`,
    },
  ];
}

/** The first of the user's keys that the provider cannot take. */
function keyChoice({ algorithm, publicKeys = [] }: WantedKeys, capabilities: Capabilities): readonly Choice[] {
  const offered = capabilities.assertionAlgorithms;
  // Where the spec names the algorithm, every key fits it.
  const algorithms = publicKeys.map(({ type }) => algorithm ?? algorithmFor(type, offered[0] ?? ""));
  const index = algorithms.findIndex((wanted) => !offered.includes(wanted));
  const field = `spec.authentication.privateKeyJwt.publicKeys[${String(index)}].pem`;
  return algorithm !== undefined || index < 0 ? [] : [{ field, wanted: algorithms[index], offered }];
}

/** Something that the provider has or has not. */
const switchOf = (field: string, what: string, isWanted: boolean, isOffered: boolean): Choice => ({
  field,
  wanted: isWanted ? what : undefined,
  offered: isOffered ? [what] : [],
});

/** JWS algorithm of client assertions. */
export function algorithmOf(
  { keys }: Pick<Desired, "keys">,
  { capabilities }: { readonly capabilities: Capabilities },
): string {
  return keys.algorithm ?? capabilities.assertionAlgorithms[0] ?? "RS256";
}

/** Not set: what the provider's own SDKs use. */
export function resolved(
  { spec, clientId, isAdopting, serviceAccount }: Desired,
  { organization }: Observed,
  { capabilities }: ProviderFacts,
): ClientSpec {
  const method = spec.authenticationMethod ?? capabilities.authenticationMethods[0] ?? "client_secret_basic";
  const id = organization?.id;
  const subject = method === "kubernetes" ? serviceAccount?.subject : undefined;
  return {
    ...spec,
    authenticationMethod: method,
    ...(subject === undefined ? {} : { subject }),
    ...(clientId === undefined || isAdopting ? {} : { clientId }),
    ...(id === undefined ? {} : { defaultOrganization: id }),
  };
}
