import { listed } from "../../ports/listed.ts";
import { externalConsent } from "../../consent/provider-consent.ts";
import type { Provider, Ref } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import { connected, type Standing } from "../access/standing.ts";
import { grantsOfClient } from "../relations/dependents.ts";
import { isSettled } from "../status/settled.ts";
import type { ScopeGrant } from "../scope-grant/schema.ts";
import type { Observed, UnmanagedGrant } from "./model.ts";
import type { M2MClient } from "./schema.ts";

/** Grants of the client at the provider that no ScopeGrant requests, no matter who made them. */
export async function observeUnmanaged(
  context: Pick<KindContext, "resources">,
  standing: Standing,
  resource: M2MClient,
  client: Ref,
): Promise<Pick<Observed, "unmanaged" | "areGrantsSettled">> {
  const provider = connected(standing);
  const asking = grantsOfClient(context.resources, resource);
  const asked = askedApis(context, asking);
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
        isProtected: grant.isSystem || (await isProtected(provider, standing, grant.audience)),
      };
    }),
  );
  return { unmanaged, areGrantsSettled: asking.every((grant) => isSettled(grant)) };
}

/** By the provider's id or by audience: APIs that these ScopeGrants request scopes of. */
export function askedApis(context: Pick<KindContext, "resources">, grants: readonly ScopeGrant[]): ReadonlySet<string> {
  return new Set(grants.flatMap((grant) => apisOf(context, grant)));
}

/** What it requests now, and what it was granted before: a grant that is being taken away is still managed. */
function apisOf(context: Pick<KindContext, "resources">, { metadata, spec, status }: ScopeGrant): readonly string[] {
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

async function isProtected(provider: Provider, { rules, asker }: Standing, audience: string): Promise<boolean> {
  const isNamed = externalConsent(rules, asker, audience) !== undefined;
  return isNamed || (await provider.apis.findByAudience(audience))?.isSystem === true;
}

/** For events: its scopes and its API. */
export function grantText({ audience, scopes }: Pick<UnmanagedGrant, "audience" | "scopes">): string {
  return `${listed(scopes, MAX_SCOPES, " ") || "no scopes"} on ${audience}`;
}

const MAX_SCOPES = 10;
