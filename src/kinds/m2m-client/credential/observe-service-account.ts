import type { Provider } from "../../../ports/provider.ts";
import type { KindContext } from "../../kind-context.ts";
import type { Desired, RemoteView, ServiceAccountView } from "../model.ts";

/** The service account that the spec names, and who else at the tenant has it. Costs one read of the API server. */
export async function observeServiceAccount(
  { serviceAccounts }: Pick<KindContext, "serviceAccounts">,
  { clients: { subjects } }: Pick<Provider, "clients">,
  { serviceAccount: wanted }: Desired,
  remote: RemoteView,
): Promise<ServiceAccountView | undefined> {
  // Where the provider knows none, the plan says that the method is not supported.
  if (wanted === undefined || subjects === undefined) return undefined;
  const holders = await subjects.findBy(wanted.subject);
  const own = new Set(ownRefs(remote));
  return {
    exists: await serviceAccounts.exists(wanted.namespace, wanted.name),
    claimedBy: holders.filter(({ ref }) => !own.has(ref)).map(({ clientId }) => clientId),
  };
}

function ownRefs(remote: RemoteView): readonly string[] {
  if (remote.kind === "found") return [remote.client.ref, ...remote.duplicates];
  return "client" in remote && remote.client !== undefined ? [remote.client.ref] : [];
}
