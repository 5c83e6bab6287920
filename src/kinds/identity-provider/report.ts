import { listed } from "../../ports/listed.ts";
import type { ProviderResource } from "./schema.ts";
import { conditionOf, type Judgement } from "../../controller/conditions.ts";
import type { Seen } from "../../controller/reconcile.ts";
import type { ReconcileResult } from "../../controller/result.ts";
import type { ResourceClient } from "../../ports/cluster.ts";
import type { KindContext } from "../kind-context.ts";
import { driftIntervalMsOf, freshnessOf } from "../access/freshness.ts";
import { heldByProvider } from "../access/revocations.ts";
import { ANNOTATIONS, type Confirmation } from "../schema/annotations.ts";
import { announceHeld, confirmationReport } from "../status/confirmations.ts";
import { type BaseStatus, reportStatus } from "../status/report.ts";
import { confirmationsOf, messageOf } from "./orphans.ts";
import type { Desired, Observed } from "./plan.ts";
import type { ProviderStatus } from "./schema.ts";

export async function report(
  context: Pick<
    KindContext,
    "connections" | "events" | "memory" | "namespaces" | "now" | "resources" | "settings" | "sha256"
  >,
  resource: ProviderResource,
  { desired, observed }: Seen<Desired, Observed>,
  result: ReconcileResult,
): Promise<void> {
  const { clusterIdentityProviders, identityProviders } = context.resources;
  const client = (
    resource.kind === "ClusterIdentityProvider" ? clusterIdentityProviders : identityProviders
  ) as ResourceClient<ProviderResource>;
  const waiting = observed && {
    withdrawals: withdrawalsHeld(context, resource, desired),
    others: orphansHeld(resource, observed),
  };
  const { held, pendingConfirmations } = confirmationReport(resource, waiting);
  announceHeld(context, resource, held);
  announceOrphans(context, resource, observed);
  await reportStatus(context, client, resource, {
    result,
    judgements: [authenticated(observed, result), ...owned(resource, observed), ...held],
    readyMessage: readyMessage(observed),
    fields: { ...fieldsOf(context, resource, observed), pendingConfirmations },
    alongside: alongsideOf(observed),
    readAt: observed?.connection?.refreshedAt,
    freshness: freshnessOf(context, resource),
  });
}

const SHOWN_PERMISSIONS = 5;

/** Reports what a stolen credential could do beyond the operator's own work. */
function readyMessage(observed: Observed | undefined): string {
  const works = "The operator's credential works, and the operator has read the tenant.";
  const excess = observed?.connection?.excessPermissions ?? [];
  if (excess.length === 0) return works;
  return `${works} The credential can do more than the operator needs. Take away: ${listed(excess, SHOWN_PERMISSIONS)}.`;
}

const ALL_OWNED = "AllOwned";

/** What was judged last stands until the tenant is read. */
function owned(resource: ProviderResource, observed: Observed | undefined): readonly Judgement[] {
  const orphans = observed?.orphans;
  if (orphans === undefined) {
    const before = conditionOf(resource.status?.conditions, ALL_OWNED);
    return before === undefined ? [] : [before];
  }
  if (orphans.members.length > 0)
    return [{ type: ALL_OWNED, status: "False", reason: "OrphansFound", message: messageOf(resource, orphans) }];
  return [
    {
      type: ALL_OWNED,
      status: "True",
      reason: "AllOwned",
      message: "Every object with the mark of this installation belongs to a resource.",
    },
  ];
}

/** Of every grant at the tenant: once for each pass, and not in each of its rounds. */
const withdrawalsHeld = (
  context: Pick<KindContext, "memory" | "namespaces" | "now" | "resources" | "settings" | "sha256">,
  resource: ProviderResource,
  { isAbsent }: Desired,
): readonly Confirmation[] => (isAbsent ? [] : heldByProvider(context, resource));

/** What was asked last stands until the tenant is read, like the condition. */
function orphansHeld(resource: ProviderResource, { orphans }: Observed): readonly Confirmation[] {
  if (orphans !== undefined) return confirmationsOf(resource, orphans);
  return (resource.status?.pendingConfirmations ?? []).filter(
    ({ annotation }) => annotation === ANNOTATIONS.confirmOrphans,
  );
}

/** Sent again only when others are found. */
function announceOrphans(
  { events }: Pick<KindContext, "events">,
  resource: ProviderResource,
  observed: Observed | undefined,
): void {
  const orphans = observed?.orphans;
  if (orphans === undefined || orphans.members.length === 0) return;
  const message = messageOf(resource, orphans);
  if (conditionOf(resource.status?.conditions, ALL_OWNED)?.message === message) return;
  events.record(resource, "Warning", "OrphansFound", message);
}

/** Bound of the list in the schema. */
const MAX_PERMISSIONS = 100;

type Fields = Omit<ProviderStatus, keyof BaseStatus>;

function fieldsOf(
  context: Pick<KindContext, "connections">,
  resource: ProviderResource,
  observed: Observed | undefined,
): Fields {
  const { tenant, vendor, oldestReadAt } = resource.status ?? {};
  const provider = context.connections.get(resource.metadata.uid)?.provider;
  const { oldestReadAt: readAt } = observed?.connection ?? {};
  return {
    tenant: provider?.tenant ?? tenant,
    vendor: provider?.vendor ?? vendor,
    managementPolicy: resource.spec.managementPolicy ?? "Full",
    oldestReadAt: steppedReadAt(resource, oldestReadAt, readAt),
    ...permissionsOf(resource, observed),
  };
}

/** What the tenant showed last stands while it is not connected. */
function permissionsOf(
  { status }: ProviderResource,
  observed: Observed | undefined,
): Pick<Fields, "missingPermissions" | "excessPermissions"> {
  const { missingPermissions: missing = [], excessPermissions: excess } = observed?.connection ?? {};
  return {
    missingPermissions: missing.length > 0 ? [...missing] : undefined,
    excessPermissions: excess?.slice(0, MAX_PERMISSIONS) ?? status?.excessPermissions,
  };
}

/** No status is rewritten more often for the time of a read alone, in milliseconds. */
const SHORTEST_STEP_MS = 60_000;

/**
 * Moves by itself once per drift interval, and so says for every resource of the provider as of when its status is known:
 * one write in place of one for each of them.
 */
function steppedReadAt(
  { spec }: ProviderResource,
  told: string | undefined,
  readAt: Date | undefined,
): string | undefined {
  if (told === undefined || readAt === undefined) return told ?? readAt?.toISOString();
  const stepMs = Math.max(driftIntervalMsOf(spec), SHORTEST_STEP_MS);
  return readAt.getTime() - Date.parse(told) >= stepMs ? readAt.toISOString() : told;
}

/** Changes to this field alone do not write status: rewriting an idle status is noise. */
function alongsideOf(observed: Observed | undefined): Partial<Fields> {
  const readAt = observed?.connection?.oldestReadAt;
  return readAt === undefined ? {} : { oldestReadAt: readAt.toISOString() };
}

function authenticated(observed: Observed | undefined, result: ReconcileResult): Judgement {
  const type = "Authenticated";
  const failure = observed?.failure;
  if (failure?.kind === "stalled") return { type, status: "False", reason: failure.reason, message: failure.message };
  if (observed?.connection?.missingPermissions !== undefined && failure === undefined && result.kind !== "backoff")
    return { type, status: "True", reason: "Authenticated", message: "A real call with the credential succeeded." };
  // A deletion that waits says nothing of the credential.
  if (result.kind === "stalled" && result.reason !== "Deleting")
    return { type, status: "False", reason: result.reason, message: result.message };
  return {
    type,
    status: "Unknown",
    reason: "Pending",
    message: "No call with the credential has succeeded since the operator connected. The condition Ready says why.",
  };
}
