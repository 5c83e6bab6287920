import type { ProviderResource } from "./schema.ts";
import type { Judgement } from "../../controller/conditions.ts";
import type { Seen } from "../../controller/reconcile.ts";
import type { ReconcileResult } from "../../controller/result.ts";
import type { ResourceClient } from "../../ports/cluster.ts";
import type { KindContext } from "../kind-context.ts";

import { type BaseStatus, reportStatus } from "../status/report.ts";
import type { Desired, Observed } from "./plan.ts";
import type { ProviderStatus } from "./schema.ts";

export async function report(
  context: KindContext,
  resource: ProviderResource,
  { observed, desired }: Seen<Desired, Observed>,
  result: ReconcileResult,
): Promise<void> {
  const { clusterIdentityProviders, identityProviders } = context.resources;
  const client = (
    resource.kind === "ClusterIdentityProvider" ? clusterIdentityProviders : identityProviders
  ) as ResourceClient<ProviderResource>;
  await reportStatus(context, client, resource, {
    result,
    judgements: [authenticated(observed, result)],
    readyMessage: "The credential was proved and the tenant was read.",
    fields: fieldsOf(context, resource, observed),
    alongside: alongsideOf(observed),
    lookedAt: observed?.connection?.refreshedAt,
    graceMs: 3 * desired.driftIntervalMs,
  });
}

type Fields = Omit<ProviderStatus, keyof BaseStatus>;

function fieldsOf(context: KindContext, resource: ProviderResource, observed: Observed | undefined): Fields {
  const { tenant, oldestReadAt } = resource.status ?? {};
  const { missingPermissions: missing = [], oldestReadAt: lookedAt } = observed?.connection ?? {};
  return {
    tenant: context.connections.get(resource.metadata.uid)?.provider.tenant ?? tenant,
    oldestReadAt: oldestReadAt ?? lookedAt?.toISOString(),
    missingPermissions: missing.length > 0 ? [...missing] : undefined,
  };
}

/** The time of the oldest read moves only with something else: a status that is rewritten at rest is noise. */
function alongsideOf(observed: Observed | undefined): Partial<Fields> {
  const lookedAt = observed?.connection?.oldestReadAt;
  return lookedAt === undefined ? {} : { oldestReadAt: lookedAt.toISOString() };
}

function authenticated(observed: Observed | undefined, result: ReconcileResult): Judgement {
  const type = "Authenticated";
  if (observed?.connection?.missingPermissions !== undefined && result.kind !== "backoff")
    return { type, status: "True", reason: "Authenticated", message: "A real call with the credential succeeded." };
  if (result.kind === "stalled") return { type, status: "False", reason: result.reason, message: result.message };
  return { type, status: "Unknown", reason: "Pending", message: "The credential was not proved yet." };
}
