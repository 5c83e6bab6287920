import type { ObservedClient } from "../../../ports/provider.ts";
import { podsThatHold, podsThatUse } from "./pods.ts";
import { requestedRotationAllowedAt } from "./requested.ts";
import { showsNext } from "../../../publication/render.ts";
import type { PodFacts } from "../../../ports/pods.ts";
import type { KindContext } from "../../kind-context.ts";
import { grantsOfClient } from "../../relations/dependents.ts";
import { layoutOf } from "../../outputs/layout.ts";
import { recordOf } from "../../outputs/write.ts";
import { type OutputView, planOutput } from "../../outputs/decide.ts";
import type { ScopeGrant } from "../../scope-grant/schema.ts";
import { secretNameOf } from "../desire.ts";
import { leftOver } from "../credential/registrations.ts";
import type { Desired, Observed, PodsView, RotationView } from "../model.ts";
import type { StateView } from "../../state-secret/facts.ts";
import type { M2MClient } from "../schema.ts";

interface Seen {
  readonly client: ObservedClient;
  readonly registered: Observed["registered"];
  readonly state: StateView;
  /** The client's own Secret. */
  readonly secret: OutputView;
  /** Names of Secrets that it was before. */
  readonly formerSecrets: readonly string[];
}

const NO_PODS: PodsView = { kind: "read", waiting: [] };

/** No rotation runs, or nothing can be known of it. */
export function restingRotation(
  context: Pick<KindContext, "memory" | "now" | "pods">,
  { metadata, status }: M2MClient,
): RotationView {
  return {
    allowedAt: requestedRotationAllowedAt(context.memory, metadata.uid, context.now()),
    previouslyScheduledAt: status?.nextRotationAt === undefined ? undefined : new Date(status.nextRotationAt),
    isPublished: false,
    isAnnouncing: true,
    pods: NO_PODS,
    formerPods: NO_PODS,
    mayReadPods: context.pods !== undefined,
  };
}

/** Where the published Secrets and the Pods that use them are, as far as the rotation's next step asks. */
export function observeRotation(
  context: Pick<KindContext, "memory" | "now" | "pods" | "resources" | "secrets">,
  resource: M2MClient,
  desired: Desired,
  { client, registered, state, secret, formerSecrets }: Seen,
): RotationView {
  const isRetiring = state.previous !== undefined || leftOver({ registered, state }, client).length > 0;
  const grants = grantsWithSecret(context, resource);
  const isCurrent = (grant: ScopeGrant): boolean => isRendered(context, grant, state.version);
  return {
    ...restingRotation(context, resource),
    isPublished: planOutput(secret).kind === "current" && grants.every(isCurrent),
    isAnnouncing: showsNext(layoutOf(resource)) || grants.length > 0,
    ...observePods(context, resource, desired, {
      since: heldSince(desired, state, isRetiring, context.now()),
      secrets: [secretNameOf(resource), ...grants.map((grant) => grant.spec.secret?.name ?? "")],
      formerSecrets,
    }),
  };
}

/** ScopeGrants whose own Secret is there, and so is read by somebody. */
function grantsWithSecret(
  context: Pick<KindContext, "resources" | "secrets">,
  { metadata }: M2MClient,
): readonly ScopeGrant[] {
  const { namespace = "" } = metadata;
  return grantsOfClient(context.resources, { metadata }).filter(({ metadata: { deletionTimestamp, uid }, spec }) => {
    const head = context.secrets.head(namespace, spec.secret?.name ?? "");
    return deletionTimestamp === undefined && head?.owners.some((owner) => owner.uid === uid) === true;
  });
}

function isRendered(
  context: Pick<KindContext, "memory" | "secrets">,
  { metadata, spec, status }: ScopeGrant,
  version: string,
): boolean {
  const { namespace = "" } = metadata;
  const name = spec.secret?.name ?? "";
  const record = recordOf(context, namespace, name, status?.outputs ?? []);
  const head = context.secrets.head(namespace, name);
  return record?.credentials === version && record.resourceVersion === head?.resourceVersion;
}

const watcherOf = ({ metadata }: M2MClient): string => `${metadata.namespace ?? ""}/${metadata.name}`;

interface PodsToFind {
  /** Since when the Secrets hold what is in force; `undefined` while nothing waits for Pods. */
  readonly since: Date | undefined;
  readonly secrets: readonly string[];
  readonly formerSecrets: readonly string[];
}

/** Pods are watched only while a rotation, or a Secret of an earlier name, has nothing else left to wait for. */
export function observePods(
  context: Pick<KindContext, "now" | "pods">,
  resource: M2MClient,
  desired: Desired,
  { since, secrets, formerSecrets }: PodsToFind,
): Pick<RotationView, "pods" | "formerPods"> {
  const { pods } = context;
  const { namespace = "" } = resource.metadata;
  const policy = desired.rotation.waitForPods ?? (pods === undefined ? "None" : "EnvAndSubPath");
  if (pods === undefined || policy === "None" || (since === undefined && formerSecrets.length === 0)) {
    pods?.unwatch(namespace, watcherOf(resource));
    return { pods: NO_PODS, formerPods: NO_PODS };
  }
  const present = pods.watch(namespace, watcherOf(resource));
  const problem = pods.problem(namespace);
  const view = (waiting: (present: readonly PodFacts[]) => readonly string[]): PodsView => {
    if (problem !== undefined) return { kind: "unreadable", problem };
    return present === undefined ? { kind: "unread" } : { kind: "read", waiting: waiting(present) };
  };
  const usesFormer = (all: readonly PodFacts[]): readonly string[] => podsThatUse(all, new Set(formerSecrets));
  const holdsOld = (all: readonly PodFacts[], from: Date): readonly string[] => [
    ...new Set([...podsThatHold(all, new Set(secrets), from, policy, context.now()), ...usesFormer(all)]),
  ];
  return {
    pods: since === undefined ? NO_PODS : view((all) => holdsOld(all, since)),
    formerPods: formerSecrets.length === 0 ? NO_PODS : view(usesFormer),
  };
}

/** Since when Pods could have got the new credential, once the time that everybody is given has passed. */
function heldSince(
  { rotation }: Desired,
  { current, next }: StateView,
  isRetiring: boolean,
  now: Date,
): Date | undefined {
  const passed = (since: Date | undefined, ms: number): Date | undefined =>
    since !== undefined && now.getTime() >= since.getTime() + ms ? since : undefined;
  if (next?.life.isShown === true) return passed(next.life.announcedAt, rotation.announceMs);
  return isRetiring ? passed(current?.life.publishedAt, rotation.overlapMs) : undefined;
}
