import {
  type Condition,
  conditionOf,
  firstConditions,
  type Judgement,
  nextConditions,
} from "../../controller/conditions.ts";
import { boundedStatus } from "./bounded.ts";
import { announceNews } from "./news.ts";
import type { Reason } from "./reasons.ts";
import type { ReconcileResult } from "../../controller/result.ts";
import type { ResourceClient } from "../../ports/cluster.ts";
import type { Resource } from "../../ports/resource.ts";
import { ANNOTATIONS, requestOf } from "../schema/annotations.ts";
import type { Freshness } from "../access/freshness.ts";
import type { KindContext } from "../kind-context.ts";

/** The part of status that every kind has. */
export interface BaseStatus {
  readonly observedGeneration?: number | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly lastCheckedAt?: string | undefined;
  readonly lastHandledReconcileAt?: string | undefined;
}

type AnyResource = Resource<unknown, BaseStatus>;

/** The status so far; before the first read, one that says that nothing is known. */
export function statusSoFar<S>(resource: Resource<unknown, S>, now: Date): S {
  const { status, metadata } = resource;
  if (status !== undefined && (status as BaseStatus).conditions !== undefined) return status;
  return { ...status, conditions: firstConditions(metadata.generation ?? 0, now) } as S;
}

/** The members of a kind's own that status has so far. */
export function fieldsSoFar<S extends BaseStatus>(resource: Resource<unknown, S>): Omit<S, keyof BaseStatus> {
  const fields = { ...resource.status } as Partial<S>;
  for (const member of BASE_MEMBERS) Reflect.deleteProperty(fields, member);
  return fields as Omit<S, keyof BaseStatus>;
}

const BASE_MEMBERS: readonly (keyof BaseStatus)[] = [
  "observedGeneration",
  "conditions",
  "lastCheckedAt",
  "lastHandledReconcileAt",
];

export interface Report<S> {
  readonly result: ReconcileResult;
  /** Conditions of this kind beside Ready. */
  readonly judgements: readonly Judgement[];
  readonly readyMessage: string;
  /** Everything else of the status. A member that is `undefined` is removed. */
  readonly fields: Omit<S, keyof BaseStatus>;
  /** Members that move only together with something else, since they would be news at every read. */
  readonly alongside?: Partial<Omit<S, keyof BaseStatus>>;
  /** The remote object was there and is gone: an outage that keeps it from being restored is no reason to stay Ready. */
  readonly isLost?: boolean;
  /** Start of the read of the provider that this rests on; `undefined` when nothing could be read. */
  readonly readAt: Date | undefined;
  /** Of the tenant, whatever was read of this object. */
  readonly freshness: Freshness;
}

/**
 * Writes status when it says something new, and an event when that is news. `false`: an outage keeps the status as it was,
 * so that whatever differs from it is not known for certain, and would be told again with every try.
 */
export async function reportStatus<R extends AnyResource>(
  context: Pick<KindContext, "events" | "now" | "settings">,
  client: ResourceClient<R>,
  resource: R,
  report: Report<NonNullable<R["status"]>>,
): Promise<boolean> {
  const previous: BaseStatus = resource.status ?? {};
  const now = context.now();
  if (keepsReady(resource, report, now, context.settings.startedAt)) return false;
  const generation = resource.metadata.generation ?? 0;
  const conditions = nextConditions({
    previous: previous.conditions ?? [],
    generation,
    now,
    result: report.result,
    judgements: report.judgements,
    readyMessage: report.readyMessage,
  });
  const requested = requestOf(resource.metadata, ANNOTATIONS.reconcileRequestedAt);
  const wanted = {
    ...report.fields,
    observedGeneration: report.result.kind === "paused" ? previous.observedGeneration : generation,
    conditions,
    lastHandledReconcileAt: requested ?? previous.lastHandledReconcileAt,
    lastCheckedAt: previous.lastCheckedAt,
  };
  // Mostly nothing is new, and then nothing has to be cut.
  if (isSame(wanted, previous)) return true;
  const next = boundedStatus(resource.kind, wanted);
  if (isSame(next, previous)) return true;
  const lastCheckedAt = report.readAt?.toISOString() ?? previous.lastCheckedAt;
  await client.writeStatus(resource, pruned({ ...next, ...report.alongside, lastCheckedAt }));
  announceNews(context, resource, previous.conditions ?? [], conditions);
  return true;
}

/**
 * While the provider cannot be read, Ready is kept for the same spec and for a bounded time after the last read. A
 * process that never read the tenant counts from its own start.
 */
function keepsReady<S>(resource: AnyResource, report: Report<S>, now: Date, startedAt: Date): boolean {
  const { status, metadata } = resource;
  const wasReady = conditionOf(status?.conditions, "Ready")?.status === "True";
  if (!wasReady || status?.observedGeneration !== metadata.generation || !isOutage(report.result)) return false;
  if (report.isLost === true) return false;
  const { lastReadAt, graceMs } = report.freshness;
  const reads = [report.readAt, lastReadAt].filter((at) => at !== undefined).map((at) => at.getTime());
  const lastRead = reads.length === 0 ? startedAt.getTime() : Math.max(...reads);
  return now.getTime() - lastRead < graceMs;
}

const OUTAGE: ReadonlySet<string> = new Set<Reason>(["ProviderNotReady", "ProviderUnavailable", "Progressing"]);

function isOutage(result: ReconcileResult): boolean {
  return (result.kind === "wait" || result.kind === "backoff") && OUTAGE.has(result.reason);
}

/** Whether two values are the same JSON, in whatever order their members are. One that is `undefined` is not there. */
function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left))
    return Array.isArray(right) && left.length === right.length && left.every((item, at) => isSame(item, right[at]));
  return !Array.isArray(right) && haveSameMembers(left as Members, right as Members);
}

type Members = Readonly<Record<string, unknown>>;

function haveSameMembers(left: Members, right: Members): boolean {
  if (Object.keys(right).some((name) => left[name] === undefined && right[name] !== undefined)) return false;
  return Object.keys(left).every((name) => isSame(left[name], right[name]));
}

/** What is `undefined` is not there. */
function pruned<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
