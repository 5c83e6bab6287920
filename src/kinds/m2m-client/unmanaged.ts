import { externalConsent } from "../../consent/provider-consent.ts";
import type { Provider, Ref } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import { askerOf, providerOf, rulesOf } from "../access/provider-observe.ts";
import { isSettled } from "../status/settled.ts";
import type { ScopeGrant } from "../scope-grant/schema.ts";
import type { Observed, UnmanagedGrant } from "./model.ts";
import type { M2MClient } from "./schema.ts";

/** Grants of the client at the provider that no ScopeGrant asks for, whoever made them. */
export async function observeUnmanaged(
  context: KindContext,
  provider: Provider,
  resource: M2MClient,
  client: Ref,
): Promise<Pick<Observed, "unmanaged" | "areGrantsSettled">> {
  const { namespace = "", name } = resource.metadata;
  const asking = context.resources.scopeGrants.byIndex("client", `${namespace}/${name}`);
  const asked = new Set(asking.flatMap((grant) => apisOf(context, grant)));
  const present = await provider.grants.ofClient(client);
  if (present === undefined) return { unmanaged: undefined, areGrantsSettled: false };
  const left = present.filter((grant) => !asked.has(grant.api ?? grant.audience));
  const listed = new Map(resource.status?.unmanagedGrants?.map((grant) => [grant.externalId, grant.since]));
  const unmanaged = await Promise.all(
    left.map(async (grant): Promise<UnmanagedGrant> => {
      const since = listed.get(grant.ref);
      return {
        ref: grant.ref,
        audience: grant.audience,
        scopes: grant.scopes,
        since: since === undefined ? undefined : new Date(since),
        isProtected: grant.isSystem || (await isProtected(context, provider, resource, grant.audience)),
      };
    }),
  );
  return { unmanaged, areGrantsSettled: asking.every((grant) => isSettled(grant)) };
}

/** What it asks for now, and what it was granted before: a grant that is being taken away is still managed. */
function apisOf(context: KindContext, { metadata, spec, status }: ScopeGrant): readonly string[] {
  const api =
    spec.apiRef === undefined
      ? undefined
      : context.resources.oAuthApis.get(spec.apiRef.namespace ?? metadata.namespace ?? "", spec.apiRef.name);
  const known = [
    spec.externalAudience,
    api?.spec.audience,
    status?.audience,
    api?.status?.externalId,
    status?.apiExternalId,
  ];
  return known.filter((key) => key !== undefined);
}

async function isProtected(
  context: KindContext,
  provider: Provider,
  { metadata, spec }: M2MClient,
  audience: string,
): Promise<boolean> {
  const { namespace = "" } = metadata;
  const owner = providerOf(context, { namespace, providerRef: spec.providerRef });
  const isNamed =
    owner !== undefined && externalConsent(rulesOf(owner), askerOf(context, namespace), audience) !== undefined;
  return isNamed || (await provider.apis.findByAudience(audience))?.isSystem === true;
}
