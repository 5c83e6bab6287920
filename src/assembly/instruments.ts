import type { ObjectKey } from "../controller/object-key.ts";
import type { ReconcileResult } from "../controller/result.ts";
import { WORK_CLASSES } from "../controller/work-order.ts";
import type { QueueHooks, WorkQueue } from "../controller/work-queue.ts";
import type { KindContext } from "../kinds/kind-context.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { GovernedFactory } from "./provider-factory.ts";

/** One pass, under controller-runtime's words for its result. */
export function recordPass(
  metrics: Metrics,
  { kind: controller }: ObjectKey,
  result: ReconcileResult,
  seconds: number,
): void {
  const isError = result.kind === "backoff";
  const word = isError ? "error" : result.kind === "done" || result.kind === "paused" ? "success" : "requeue_after";
  metrics.reconcileTotal.inc({ controller, result: word });
  metrics.reconcileSeconds.observe({ controller }, seconds);
  if (isError) metrics.reconcileErrors.inc({ controller });
}

const QUEUE = { name: "m2m", controller: "m2m" };

export function queueHooks(metrics: Metrics): QueueHooks {
  return {
    onAdd: () => {
      metrics.queueAdds.inc(QUEUE);
    },
    onStart: (waitedMs: number) => {
      metrics.queueSeconds.observe(QUEUE, waitedMs / 1000);
    },
    onRetry: () => {
      metrics.queueRetries.inc(QUEUE);
    },
  };
}

const secondsSince = (time: string | undefined, now: Date): number =>
  time === undefined ? 0 : Math.max(0, (now.getTime() - Date.parse(time)) / 1000);

/** What alerts about rotation ask for: ages and delays from status, and the Pods that are waited for. */
function collectRotations(metrics: Metrics, { resources, memory, now }: KindContext): void {
  for (const gauge of [metrics.credentialAge, metrics.rotationOverdue, metrics.retiringWaiting]) gauge.reset();
  for (const { metadata, status } of resources.m2mClients.list()) {
    const { name, namespace = "" } = metadata;
    const current = status?.credentials?.find(({ state }) => state === "Current");
    if (current !== undefined) metrics.credentialAge.set({ namespace, name }, secondsSince(current.createdAt, now()));
    if (status?.nextRotationAt !== undefined)
      metrics.rotationOverdue.set({ namespace, name }, secondsSince(status.nextRotationAt, now()));
    for (const pod of memory.waitingPods.get(`${namespace}/${name}`) ?? [])
      metrics.retiringWaiting.set({ namespace, name, pod }, 1);
  }
}

/** Gauges are read when somebody asks. */
export function collectGauges(
  metrics: Metrics,
  queue: WorkQueue,
  factory: GovernedFactory,
  context: KindContext,
): void {
  Object.assign(metrics.queueDepth, {
    collect: () => {
      for (const priority of WORK_CLASSES) metrics.queueDepth.set({ ...QUEUE, priority }, queue.depth(priority));
      collectRotations(metrics, context);
      for (const { connection } of context.connections.list()) {
        const { tenant } = connection.provider;
        const lookedAt = connection.provider.oldestLookAt();
        if (lookedAt !== undefined)
          metrics.lookAge.set({ tenant }, (context.now().getTime() - lookedAt.getTime()) / 1000);
      }
      for (const [key, governor] of factory.governors()) {
        const { waiting, throttled } = governor.stats();
        const tenant = key.slice(0, 8);
        metrics.governorThrottled.set({ tenant }, throttled);
        for (const [name, count] of Object.entries(waiting))
          metrics.governorWaiting.set({ tenant, class: name }, count);
      }
    },
  });
}
