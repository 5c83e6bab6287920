import type { Provider, Ref } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import { removeOutput } from "../outputs/write.ts";
import { connectedProvider } from "../access/provider-observe.ts";
import { publishGrantSecret } from "./grant-secret.ts";
import { statusSoFar } from "../status/report.ts";
import { peersOf, providerRefOf } from "./peers.ts";
import type { Action } from "./model.ts";
import type { ScopeGrant } from "./schema.ts";

/** Carries out one action. Each may be repeated after a crash. */
export async function apply(context: KindContext, grant: ScopeGrant, action: Action): Promise<void> {
  switch (action.type) {
    case "addFinalizer":
      return context.resources.scopeGrants.setFinalizer(grant, true);
    case "removeFinalizer":
      return context.resources.scopeGrants.setFinalizer(grant, false);
    case "createGrant":
      return createGrant(context, grant, action);
    case "adoptGrant":
      return recordOrigin(context, grant, action.ref, "Adopted");
    case "updateGrant":
      await providerFor(context, grant).grants.update(action.ref, action.change);
      return;
    case "removeDuplicateGrant":
      return providerFor(context, grant).grants.remove(action.ref);
    case "removeGrant":
      return removeGrant(context, grant, action.ref, action.why);
    case "publishSecret":
      return publishGrantSecret(context, providerFor(context, grant), grant);
    case "removeFormerSecret":
      return removeOutput(context, context.secrets, grant, action.name);
    case "abandonGrant":
      return context.events.record(
        grant,
        "Warning",
        "Orphaned",
        `The grant ${grant.status?.externalId ?? "(unknown)"} stays at tenant ${grant.status?.tenant ?? "(unknown)"}: its provider is gone.`,
      );
  }
}

async function createGrant(
  context: KindContext,
  grant: ScopeGrant,
  { type: _type, ...spec }: Extract<Action, { type: "createGrant" }>,
): Promise<void> {
  const { ref } = await providerFor(context, grant).grants.create(spec);
  // Elsewhere every grant of the client is ours; here it must be known later that this one was not there before.
  if (peersOf(context, grant).client?.status?.origin === "Adopted") await recordOrigin(context, grant, ref, "Made");
}

async function recordOrigin(
  context: KindContext,
  grant: ScopeGrant,
  externalId: Ref,
  origin: "Made" | "Adopted",
): Promise<void> {
  const status = { ...statusSoFar(grant, context.now()), externalId, origin };
  await context.resources.scopeGrants.writeStatus(grant, status);
}

async function removeGrant(context: KindContext, grant: ScopeGrant, ref: Ref, why: string): Promise<void> {
  await providerFor(context, grant).grants.remove(ref);
  if (why === "ConsentWithdrawn")
    context.events.record(grant, "Warning", "NotAllowedOrMissing", "Consent was withdrawn; the grant was taken away.");
}

function providerFor(context: KindContext, grant: ScopeGrant): Provider {
  return connectedProvider(context, {
    namespace: grant.metadata.namespace ?? "",
    providerRef: providerRefOf(context, grant),
  });
}
