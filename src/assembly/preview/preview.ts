import { conditionOf } from "../../controller/conditions.ts";
import type { Condition } from "../../controller/conditions.ts";
import type { ObjectKey } from "../../controller/object-key.ts";
import type { Provider } from "../../ports/provider.ts";
import { createStepList, type Step, type StepOwner } from "../../preview/steps.ts";
import { tenantStep } from "../../preview/tenant-steps.ts";
import { type SimulatedTenant, simulateTenant } from "../../preview/tenant/tenant.ts";
import type { PreviewKey } from "../../preview/tenant/tokens.ts";
import { type TenantCall, tellingWrites } from "../../preview/tenant/writes.ts";
import type { ServedObject, ServedWrite } from "./api-server.ts";
import { applyChange, type Change } from "./change.ts";
import { clusterStep, statusChanges } from "./cluster-steps.ts";
import { createLoop, type LoopEnd, type LoopLimits } from "./loop.ts";
import { createWorld, type LiveWorld, type World } from "./world.ts";

/** An object that the change is about or that it changes, as it would finally be. */
export interface PreviewedObject extends StepOwner {
  /** The Ready condition; `undefined` where the object is gone. */
  readonly ready: Pick<Condition, "status" | "reason" | "message"> | undefined;
  /** The operator would refuse the object as it is: a person must act. */
  readonly isRefused: boolean;
  /** The change names it. */
  readonly isChanged: boolean;
}

export interface Preview extends LoopEnd {
  readonly outcome: "NoChanges" | "Changes" | "Refused";
  readonly steps: readonly Step[];
  readonly objects: readonly PreviewedObject[];
}

export interface PreviewParts {
  readonly live: LiveWorld;
  readonly key: (algorithm: string) => Promise<PreviewKey>;
  readonly limits?: Partial<LoopLimits>;
  readonly signal?: AbortSignal;
  /** Told of every write, also of those that no step shows. */
  readonly onWrite?: (write: ServedWrite) => void;
  readonly onCall?: (call: TenantCall) => void;
  /** Sees the answers of the simulated tenant. */
  readonly wrap?: (provider: Provider) => Provider;
}

/** Longer than every wait that ends by itself: 30 s until what only a person can provide counts as missing. */
export const LIMITS: LoopLimits = { quietMs: 65_000, horizonMs: 180_000, maxPasses: 20_000 };

const NOBODY: StepOwner = { kind: "", namespace: "", name: "" };

/** What the operator would do if somebody applied the change now. Nothing is written anywhere. */
export async function previewChange(parts: PreviewParts, change: Change): Promise<Preview> {
  const { live, limits, signal = new AbortController().signal } = parts;
  const steps = createStepList();
  const owner = { current: NOBODY };
  const lastWrite = { ms: 0 };
  const noteWrite = (): void => {
    lastWrite.ms = world.clock.monotonicMs();
  };
  const world: World = createWorld({
    ...{ live, key: parts.key },
    tenantOf: (_uid, provider) =>
      recorded(provider, parts, world, (call, known) => {
        parts.onCall?.(call);
        noteWrite();
        steps.add(tenantStep(owner.current, call, known));
      }),
    onWrite: (write) => {
      parts.onWrite?.(write);
      noteWrite();
      if (write.isStatus) {
        steps.addStatus(owner.current, write.before?.status, write.after?.status);
        return;
      }
      const step = clusterStep(owner.current, write, (value) => live.context.fingerprint(value));
      if (step !== undefined) steps.add(step);
    },
  });
  const loop = createLoop({
    ...{ world, limits: { ...LIMITS, ...limits } },
    lastWriteMs: () => lastWrite.ms,
    onPass: (key) => {
      owner.current = key;
    },
  });
  applyChange(world, change);
  const end = await loop.run(signal);
  return { ...end, ...resultOf(world, steps.list(statusChanges), change) };
}

/** A simulated tenant that reports its writes. */
function recorded(
  provider: Provider,
  parts: PreviewParts,
  world: World,
  tell: (call: TenantCall, known: SimulatedTenant["known"]) => void,
): Provider {
  const tenant = simulateTenant(provider, {
    key: parts.key,
    fingerprint: (value) => parts.live.context.fingerprint(value),
    now: () => world.clock.now(),
    recordedIssuer: (tokenEndpoint, audience) =>
      world.caches.oAuthApis.byIndex("audience", audience).find(({ status }) => status?.tokenEndpoint === tokenEndpoint)
        ?.status?.issuer,
  });
  return tellingWrites(parts.wrap?.(tenant.provider) ?? tenant.provider, (call) => {
    tell(call, tenant.known);
  });
}

function resultOf(world: World, steps: readonly Step[], change: Change): Omit<Preview, keyof LoopEnd> {
  const named = [...change.apply, ...change.remove].map(({ kind, name }) => ({
    kind,
    namespace: change.namespace,
    name,
  }));
  const objects = uniqueOwners([...named, ...steps.map(({ owner }) => owner)]).map((owner): PreviewedObject => {
    const conditions = statusOf(world, owner)?.conditions;
    const ready = conditionOf(conditions, "Ready");
    return {
      ...owner,
      ready: ready === undefined ? undefined : { status: ready.status, reason: ready.reason, message: ready.message },
      isRefused: conditionOf(conditions, "Stalled")?.status === "True",
      isChanged: named.some((one) => textOf(one) === textOf(owner)),
    };
  });
  const isRefused = objects.some((object) => object.isChanged && object.isRefused);
  return { outcome: isRefused ? "Refused" : steps.length > 0 ? "Changes" : "NoChanges", steps, objects };
}

const textOf = ({ kind, namespace, name }: ObjectKey | StepOwner): string => `${kind}/${namespace}/${name}`;

const uniqueOwners = (owners: readonly StepOwner[]): readonly StepOwner[] => [
  ...new Map(
    owners
      .filter(({ kind }) => kind !== "")
      .map(({ kind, namespace, name }) => [`${kind}/${namespace}/${name}`, { kind, namespace, name }]),
  ).values(),
];

function statusOf({ caches }: World, { kind, namespace, name }: StepOwner) {
  const stores: Readonly<Record<string, { get(namespace: string, name: string): unknown }>> = {
    OAuthApi: caches.oAuthApis,
    M2MClient: caches.m2mClients,
    ScopeGrant: caches.scopeGrants,
  };
  const object = stores[kind]?.get(namespace, name) as ServedObject | undefined;
  return object?.status as { readonly conditions?: readonly Condition[] } | undefined;
}
