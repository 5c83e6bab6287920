import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { OAuthApi } from "../../src/kinds/oauth-api/schema.ts";
import type { ScopeGrant } from "../../src/kinds/scope-grant/schema.ts";
import type { ProviderDeclaration } from "../../src/providers/declaration.ts";
import { PROVIDERS } from "../../src/providers/by-name.ts";
import { uses } from "../status/tree.ts";
import type { Facts } from "./facts.ts";

/** The provider object of a client. `undefined` when it was not read. */
export const providerOf = (
  { providers }: Pick<Facts, "providers">,
  { metadata, spec }: M2MClient,
): ProviderResource | undefined => providers.find((provider) => uses(metadata.namespace, spec.providerRef, provider));

/** What the vendor of a provider object declares. */
export const declarationOf = ({ spec }: ProviderResource): ProviderDeclaration | undefined =>
  Object.entries(PROVIDERS).find(([name]) => name in spec)?.[1];

export const grantsOf = ({ grants }: Pick<Facts, "grants">, { metadata }: M2MClient): readonly ScopeGrant[] =>
  grants.filter(
    (grant) => grant.metadata.namespace === metadata.namespace && grant.spec.clientRef?.name === metadata.name,
  );

export const grantsOn = ({ grants }: Pick<Facts, "grants">, { metadata }: OAuthApi): readonly ScopeGrant[] =>
  grants.filter(
    (grant) =>
      grant.spec.apiRef?.name === metadata.name &&
      (grant.spec.apiRef.namespace ?? grant.metadata.namespace) === metadata.namespace,
  );
