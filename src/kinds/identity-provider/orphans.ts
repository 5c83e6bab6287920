import { listed } from "../../ports/listed.ts";
import { objectHash } from "../../ownership/owner.ts";
import type { MarkedObject, Provider } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { KindContext } from "../kind-context.ts";
import { ANNOTATIONS, type Confirmation } from "../schema/annotations.ts";
import { recordChange } from "../status/changes.ts";
import type { Orphans } from "./plan.ts";
import type { ProviderResource } from "./schema.ts";

type Ports = Pick<KindContext, "resources" | "settings" | "sha256">;

/**
 * What the tenant's last reading shows. An object of an earlier resource with the same kind, namespace and name is none:
 * the present resource tells of it. `undefined` before the tenant was read.
 */
export function orphansAt(ports: Ports, provider: Provider | undefined): Orphans | undefined {
  if (provider?.refreshedAt() === undefined) return undefined;
  const { resources, settings, sha256 } = ports;
  const owners = [...resources.m2mClients.list(), ...resources.oAuthApis.list()];
  const uids = new Set(owners.map(({ metadata }) => metadata.uid));
  const unowned = provider.marked(settings.instanceId).filter(({ mark }) => !uids.has(mark.uid));
  if (unowned.length === 0) return { members: [], digest: "" };
  const names = new Set(
    owners.map(({ kind, metadata: { namespace = "", name } }) => objectHash(kind, namespace, name, sha256)),
  );
  const members = unowned.filter(({ mark }) => !names.has(mark.object)).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return { members, digest: members.length === 0 ? "" : sha256(JSON.stringify(members.map(keyOf))).slice(0, 16) };
}

const keyOf = ({ kind, ref }: MarkedObject): string => `${kind} ${ref}`;

/** Somebody who owns the provider object asked to delete exactly these. */
export function isConfirmed(resource: ProviderResource, { digest }: Orphans): boolean {
  const given = resource.metadata.annotations?.[ANNOTATIONS.confirmOrphans];
  return digest !== "" && given === digest && !isObserved(resource);
}

const NAMED = 10;

/** What deletes them; none without members, or where the operator only observes. */
export function confirmationsOf(resource: ProviderResource, orphans: Orphans): readonly Confirmation[] {
  if (orphans.members.length === 0 || isObserved(resource)) return [];
  return [{ annotation: ANNOTATIONS.confirmOrphans, value: orphans.digest, message: messageOf(resource, orphans) }];
}

const isObserved = ({ spec }: ProviderResource): boolean => spec.managementPolicy === "ObserveOnly";

/** For the condition: which objects, and how they are deleted or kept. */
export function messageOf(resource: ProviderResource, { members, digest }: Orphans): string {
  return [
    `The tenant has ${members.length === 1 ? "1 object" : `${String(members.length)} objects`} that carry the mark of this installation and belong to no resource that it watches: ${listed(members.map(textOf), NAMED)}.`,
    isObserved(resource)
      ? "With managementPolicy: ObserveOnly, the operator deletes none of them."
      : `To delete them, annotate this object with ${ANNOTATIONS.confirmOrphans}: "${digest}".`,
    "To keep one, create its resource again with the same kind, namespace and name, and start the operator with --recover.",
  ].join(" ");
}

const WORDS = { client: "client", api: "API", grant: "grant" } as const;

const textOf = ({ kind, ref, name, mark }: MarkedObject): string =>
  `${WORDS[kind]} ${ref}${name === "" ? "" : ` "${name}"`}${isKept({ kind, mark }) ? " (adopted: the operator only removes its mark)" : ""}`;

/** What was there before the operator is not the operator's to delete. */
const isKept = ({ kind, mark }: Pick<MarkedObject, "kind" | "mark">): boolean =>
  kind !== "grant" && mark.origin === "adopted";

const ORDER = ["grant", "client", "api"] as const;

/** Grants first, since a provider may keep those of what is gone. One that fails does not keep the others. */
export async function removeOrphans(
  context: Pick<KindContext, "events">,
  resource: ProviderResource,
  provider: Provider,
  members: readonly MarkedObject[],
): Promise<void> {
  const failures: ProviderError[] = [];
  const removed: MarkedObject[] = [];
  for (const kind of ORDER)
    for (const member of members.filter((one) => one.kind === kind))
      try {
        await removeOne(provider, member);
        removed.push(member);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        failures.push(error);
      }
  if (removed.length > 0) recordChange(context, resource, { type: "orphansDeleted", orphans: removed.map(textOf) });
  const [first] = failures;
  if (first !== undefined) throw first;
}

function removeOne({ apis, clients, grants }: Provider, member: MarkedObject): Promise<unknown> {
  const { kind, ref } = member;
  switch (kind) {
    case "grant":
      return grants.remove(ref);
    case "client":
      return isKept(member) ? clients.update(ref, { mark: null }) : clients.remove(ref);
    case "api":
      return isKept(member) ? apis.update(ref, { mark: null }) : apis.remove(ref);
  }
}
