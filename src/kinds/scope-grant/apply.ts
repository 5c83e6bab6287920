import type { Ref } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import { removeOutput } from "../outputs/write.ts";
import { connected } from "../access/standing.ts";
import { publishGrantSecret } from "./grant-secret.ts";
import { recordChange } from "../status/changes.ts";
import { statusSoFar } from "../status/report.ts";
import { driftedFields } from "./drift.ts";
import type { GrantObserved } from "./observe.ts";
import { apiNameOf, clientNameOf } from "./peers.ts";
import type { Action } from "./model.ts";
import type { ScopeGrant } from "./schema.ts";

/** Carries out one action. Each may be repeated after a crash. */
export async function apply(
  context: KindContext,
  grant: ScopeGrant,
  observed: GrantObserved,
  action: Action,
): Promise<void> {
  const { standing, peers, organizations, pair, togetherGranted } = observed;
  switch (action.type) {
    case "addFinalizer":
      return context.resources.scopeGrants.setFinalizer(grant, true);
    case "removeFinalizer":
      return context.resources.scopeGrants.setFinalizer(grant, false);
    case "createGrant":
      return createGrant(context, grant, observed, action);
    case "adoptGrant":
      return recordOrigin(context, grant, action.ref, "Adopted");
    case "updateGrant":
      return updateGrant(context, grant, observed, action);
    case "removeDuplicateGrant":
      return connected(standing).grants.remove(action.ref);
    case "removeGrant":
      return connected(standing).grants.remove(action.ref);
    case "publishSecret":
      return publishGrantSecret(context, connected(standing), grant, { peers, organizations, pair, togetherGranted });
    case "removeFormerSecret":
      return removeOutput(context, context.secrets, grant, action.name);
    case "abandonGrant":
      return context.events.record(
        grant,
        "Warning",
        "Orphaned",
        `The grant ${grant.status?.externalId ?? "(unknown)"} of ${clientNameOf(grant)} on ${grant.status?.audience ?? apiNameOf(grant)} stays at tenant ${grant.status?.tenant ?? "(unknown)"}: the operator cannot use the tenant. Delete it there by hand.`,
      );
  }
}

async function createGrant(
  context: KindContext,
  grant: ScopeGrant,
  { standing, isClientAdopted }: GrantObserved,
  { type: _type, ...spec }: Extract<Action, { type: "createGrant" }>,
): Promise<void> {
  const { ref } = await connected(standing).grants.create(spec);
  // Elsewhere every grant of the client is ours; here it must be known later that this one was not there before.
  if (isClientAdopted) await recordOrigin(context, grant, ref, "Made");
  // Status keeps what was granted for as long as it is to be restored.
  if (grant.status?.grantedScopes === undefined) return;
  recordChange(context, grant, { type: "grantRecreated", audience: spec.api.audience, scopes: spec.scopes });
}

async function updateGrant(
  context: KindContext,
  grant: ScopeGrant,
  observed: GrantObserved,
  { ref, change }: Extract<Action, { type: "updateGrant" }>,
): Promise<void> {
  await connected(observed.standing).grants.update(ref, change);
  const fields = driftedFields(context, grant, observed, change);
  const audience = observed.pair?.audience ?? grant.status?.audience ?? "the API";
  if (fields.length > 0)
    recordChange(context, grant, { type: "driftReverted", object: `The grant on ${audience}`, fields });
}

async function recordOrigin(
  context: Pick<KindContext, "now" | "resources">,
  grant: ScopeGrant,
  externalId: Ref,
  origin: "Made" | "Adopted",
): Promise<void> {
  const status = { ...statusSoFar(grant, context.now()), externalId, origin };
  await context.resources.scopeGrants.writeStatus(grant, status);
}
