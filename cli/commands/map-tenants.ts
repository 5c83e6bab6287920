import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import { CLUSTER_KIND } from "../../src/kinds/relations/provider-ref.ts";
import { definitionOf, nameOf } from "../cluster/kinds.ts";
import { Failure } from "../failure.ts";
import { tenantName } from "../map/resource-nodes.ts";
import type { TenantReading } from "../map/tenant-reading.ts";
import { tenantFailure } from "../tenant/failure.ts";
import { openTenant, type TenantChoice } from "../tenant/open.ts";
import { readAccess } from "../tenant/read-access.ts";
import type { Session } from "./services.ts";
import { tenantChoiceOf, type TenantOptions } from "./tenant-options.ts";

/** What the tenants say, and which of them could not be read. */
export interface TenantReadings {
  readonly readings: readonly TenantReading[];
  readonly notes: readonly string[];
}

/** Reads the tenant that the options name, or else that of every provider object. One that cannot be read becomes a note. */
export async function readTenants(
  session: Session,
  options: TenantOptions,
  providers: readonly ProviderResource[],
): Promise<TenantReadings> {
  if (options.provider !== undefined) {
    const choice = tenantChoiceOf(options, options.provider);
    const reading = await readTenant(session, choice, options.provider);
    return { readings: [withName(providers, reading)], notes: [] };
  }
  if (providers.length === 0)
    return { readings: [], notes: ["not shown: what the tenants say (you can list no provider object)"] };
  const readings = new Map<string, TenantReading>();
  const notes: string[] = [];
  for (const provider of providers) {
    // Two provider objects may have one tenant.
    const { tenant = "", vendor } = provider.status ?? {};
    if (readings.has(tenantName(providers, tenant, vendor))) continue;
    const name = nameOf(provider.kind, provider.metadata);
    try {
      const choice = choiceFor(options, provider);
      const reading = withName(providers, await readTenant(session, choice, name, provider.metadata.namespace));
      readings.set(reading.tenant, reading);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      notes.push(`not shown: what the tenant of ${name} says (${error.message})`);
    }
  }
  return { readings: [...readings.values()], notes };
}

/** The tenant as the rest of the map calls it. */
const withName = (providers: readonly ProviderResource[], reading: TenantReading): TenantReading => ({
  ...reading,
  tenant: tenantName(providers, reading.tenant, reading.vendor),
});

const choiceFor = (options: TenantOptions, { kind, metadata }: ProviderResource): TenantChoice => ({
  ...tenantChoiceOf(options, metadata.name),
  target: { definition: definitionOf(kind === CLUSTER_KIND ? CLUSTER_KIND : "IdentityProvider"), name: metadata.name },
});

async function readTenant(
  { cluster, terminal, now }: Session,
  choice: TenantChoice,
  name: string,
  namespace = cluster.namespace,
): Promise<TenantReading> {
  const { provider } = await openTenant({ ...cluster, namespace }, choice, (message) => {
    terminal.note(message);
  });
  try {
    return await readAccess(provider, now());
  } catch (error) {
    throw tenantFailure(error, name);
  } finally {
    provider.close();
  }
}
