import type { Ref } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import { removeOutput } from "../outputs/write.ts";
import { connected } from "../access/standing.ts";
import { publishGrantSecret } from "./grant-secret.ts";
import { statusSoFar } from "../status/report.ts";
import type { GrantObserved } from "./observe.ts";
import { apiNameOf, clientNameOf } from "./peers.ts";
import type { Action } from "./model.ts";
import type { ScopeGrant } from "./schema.ts";

/** Carries out one action. Each may be repeated after a crash. */
export async function apply(
  context: KindContext,
  grant: ScopeGrant,
  { standing, peers, organizations, pair, togetherGranted, isClientAdopted }: GrantObserved,
  action: Action,
): Promise<void> {
  const part = { context, grant, standing, peers, isClientAdopted };
  switch (action.type) {
    case "addFinalizer":
      return context.resources.scopeGrants.setFinalizer(grant, true);
    case "removeFinalizer":
      return context.resources.scopeGrants.setFinalizer(grant, false);
    case "createGrant":
      return createGrant(part, action);
    case "adoptGrant":
      return recordOrigin(context, grant, action.ref, "Adopted");
    case "updateGrant":
      await connected(standing).grants.update(action.ref, action.change);
      return;
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

type Part = Pick<GrantObserved, "standing" | "peers" | "isClientAdopted"> & {
  readonly context: KindContext;
  readonly grant: ScopeGrant;
};

async function createGrant(
  { context, grant, standing, isClientAdopted }: Part,
  { type: _type, ...spec }: Extract<Action, { type: "createGrant" }>,
): Promise<void> {
  const { ref } = await connected(standing).grants.create(spec);
  // Elsewhere every grant of the client is ours; here it must be known later that this one was not there before.
  if (isClientAdopted) await recordOrigin(context, grant, ref, "Made");
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
