import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { WORK_CLASSES } from "../work/order.ts";
import { OPERATOR_VERSION } from "../version.ts";

const RESULTS = ["success", "error", "requeue_after"] as const;
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What the reference page says of one metric. */
export interface MetricReference {
  readonly type: "counter" | "gauge" | "histogram";
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** What to watch for. */
  readonly watch: string;
}

/**
 * Every metric of the operator's own, with controller-runtime's names where it has one. Label values that are known begin
 * at 0. `reference` describes them, in order; Node's and the process's own metrics are beside them.
 */
export function createMetrics(controllers: readonly string[]) {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const reference: MetricReference[] = [];
  const counter = <L extends string>(name: string, help: string, labels: readonly L[], watch: string) => {
    reference.push({ type: "counter", name, help, labels, watch });
    return new Counter({ name, help, labelNames: labels, registers });
  };
  const gauge = <L extends string>(name: string, help: string, labels: readonly L[], watch: string) => {
    reference.push({ type: "gauge", name, help, labels, watch });
    return new Gauge({ name, help, labelNames: labels, registers });
  };
  const histogram = <L extends string>(name: string, help: string, labels: readonly L[], watch: string) => {
    reference.push({ type: "histogram", name, help, labels, watch });
    return new Histogram({ name, help, labelNames: labels, registers, buckets: SECONDS });
  };

  const metrics = {
    registry,
    reference: reference as readonly MetricReference[],
    buildInfo: gauge(
      "m2m_operator_build_info",
      "Always 1. The version is a label.",
      ["version"],
      "Two versions at once outside of a rollout.",
    ),
    resourceReady: gauge(
      "m2m_operator_resource_ready",
      "1 while the object's Ready condition is True, else 0. The reason is a label. Only the process that works on its shard shows it.",
      ["kind", "namespace", "name", "reason"],
      "0 for longer than a change takes. What each reason means: [reasons](conditions.md).",
    ),
    credentialAge: gauge(
      "m2m_operator_credential_age_seconds",
      "Age of a client's credential in force.",
      ["namespace", "name"],
      "More than your own rules allow.",
    ),
    rotationOverdue: gauge(
      "m2m_operator_rotation_overdue_seconds",
      "Time since a rotation was due. 0 while none is due.",
      ["namespace", "name"],
      "More than an hour: the rotation is stuck.",
    ),
    retiringWaiting: gauge(
      "m2m_operator_retiring_credentials_waiting",
      "1 for each Pod that still uses a client's old credential.",
      ["namespace", "name", "pod"],
      "1 for a long time: restart the Pod.",
    ),
    rotationFailures: counter(
      "m2m_operator_rotation_failures_total",
      "Rotations that got stuck.",
      ["namespace", "name"],
      "More than an occasional increase.",
    ),
    orphaned: counter(
      "m2m_operator_orphaned_total",
      "Objects that stayed at a tenant when their resource was deleted.",
      ["kind"],
      "Any increase: delete the objects at the tenant. The Event `Orphaned` names them.",
    ),
    tenantOrphans: gauge(
      "m2m_operator_tenant_orphans",
      "Objects at a tenant that carry the mark of this installation and belong to no resource that it watches.",
      ["tenant"],
      "More than 0: the condition `AllOwned` of the provider object names them and says how to delete them.",
    ),
    actions: counter(
      "m2m_operator_actions_total",
      "Actions that the operator carried out.",
      ["controller", "action"],
      "A steady rate while nobody changes anything: two parties disagree about an object.",
    ),
    oldestReadAge: gauge(
      "m2m_operator_oldest_read_age_seconds",
      "Age of the oldest read of the tenant that the operator relies on.",
      ["tenant"],
      "Much more than the provider's `driftInterval`: the operator detects drift that late.",
    ),
    unreadable: gauge(
      "m2m_operator_unreadable_objects",
      "Parts of the tenant that the operator may not read. The log names them.",
      ["tenant"],
      "More than 0: the operator does not detect drift there. The operator's credential lacks a permission, or its role does not reach them.",
    ),
    providerRequests: counter(
      "m2m_operator_provider_requests_total",
      "Requests to tenants by status code. Code 0 means no response.",
      ["tenant", "method", "code"],
      "5xx and 0: the tenant or the network fails. 401 and 403: the operator's credential.",
    ),
    providerSeconds: histogram(
      "m2m_operator_provider_request_seconds",
      "Duration of requests to tenants.",
      ["tenant", "method"],
      "A lasting increase.",
    ),
    governorWaiting: gauge(
      "m2m_operator_governor_waiting",
      "Requests that wait for a tenant's rate limit, by urgency.",
      ["tenant", "class"],
      "More than 0 for hours: the operator's share of the limit is too small for the number of requests.",
    ),
    governorThrottled: counter(
      "m2m_operator_governor_throttled_total",
      "Requests that a tenant answered with 429.",
      ["tenant"],
      "Any steady rate: others use up the tenant's limit, or `rateLimit` is set too high.",
    ),
    governorRate: gauge(
      "m2m_operator_governor_allowed_per_second",
      "Maximum number of requests per second that the operator sends, for each of the tenant's limits.",
      ["tenant", "bucket"],
      "Compare it with the rate of requests. A drop means that the tenant announced a lower limit.",
    ),
    governorTokens: gauge(
      "m2m_operator_governor_tokens",
      "Requests that the operator may send at once, for each of the tenant's limits.",
      ["tenant", "bucket"],
      "Below 1 for a long time: the limit is used up.",
    ),
    reconcileTotal: counter(
      "controller_runtime_reconcile_total",
      "Reconciliations by result.",
      ["controller", "result"],
      "No increase while `workqueue_depth` is above 0.",
    ),
    reconcileErrors: counter(
      "controller_runtime_reconcile_errors_total",
      "Reconciliations that failed. The operator tries them again.",
      ["controller"],
      "A lasting share of all reconciliations.",
    ),
    reconcilePanics: counter(
      "controller_runtime_reconcile_panics_total",
      "Reconciliations that threw an exception, which is a defect.",
      ["controller"],
      "Any increase. The log line `reconciliation threw an exception` has the stack.",
    ),
    lostRaces: counter(
      "m2m_operator_lost_races_total",
      "Reconciliations that ended because the API server answered that the object has changed or does not exist (409 or 404).",
      ["controller"],
      "A steady rate: a watch does not deliver all changes.",
    ),
    reconcileSeconds: histogram(
      "controller_runtime_reconcile_time_seconds",
      "Duration of reconciliations, waiting for the tenant's limit included.",
      ["controller"],
      "An increase without waiting requests.",
    ),
    activeWorkers: gauge(
      "controller_runtime_active_workers",
      "Workers that reconcile an object of this kind now.",
      ["controller"],
      "The sum at the maximum for a long time, without waiting requests.",
    ),
    maxWorkers: gauge(
      "controller_runtime_max_concurrent_reconciles",
      "Workers of each shard. All kinds share them.",
      ["controller"],
      "Nothing: it is the setting `--concurrency`.",
    ),
    queueDepth: gauge(
      "workqueue_depth",
      "Objects that wait for a worker, by urgency.",
      ["name", "controller", "priority"],
      "More than 0 for a long time.",
    ),
    queueAdds: counter(
      "workqueue_adds_total",
      "Objects that were put into the queue.",
      ["name", "controller"],
      "A rate that is much higher than the rate of changes.",
    ),
    queueRetries: counter(
      "workqueue_retries_total",
      "Objects that were put into the queue after a pause.",
      ["name", "controller"],
      "An increase: reconciliations fail again and again.",
    ),
    queueSeconds: histogram(
      "workqueue_queue_duration_seconds",
      "How long objects waited for a worker.",
      ["name", "controller"],
      "Several seconds, except after a start.",
    ),
    leader: gauge(
      "leader_election_master_status",
      "1 while this process works under the Lease of this name, else 0. Each shard has one.",
      ["name"],
      "No process with 1: nobody reconciles that shard. Two processes with 1 for longer than a scrape interval.",
    ),
    watches: gauge(
      "m2m_operator_watches",
      "Watches of the API server by resource. An `open` watch receives changes, a `connecting` watch does not.",
      ["resource", "state"],
      "`connecting` above 0 for minutes: the operator does not notice changes of that resource. A sum that only grows.",
    ),
    loopHeld: counter(
      "m2m_operator_loop_held_seconds_total",
      "Time for which the event loop was blocked, in pieces of at least 250 ms. A piece is counted when it is over.",
      [],
      "More than a second in ten minutes: check for large objects and CPU limits. `nodejs_eventloop_lag_*` has the distribution since the last scrape.",
    ),
    kubeRequests: counter(
      "rest_client_requests_total",
      "Requests to the API server by status code.",
      ["code", "method", "host"],
      "403: permissions are missing. 429 and 5xx: the API server is overloaded.",
    ),
  };
  metrics.buildInfo.set({ version: OPERATOR_VERSION }, 1);
  for (const controller of controllers) {
    for (const result of RESULTS) metrics.reconcileTotal.inc({ controller, result }, 0);
    metrics.reconcileErrors.inc({ controller }, 0);
    metrics.reconcilePanics.inc({ controller }, 0);
    metrics.lostRaces.inc({ controller }, 0);
    metrics.activeWorkers.set({ controller }, 0);
    if (!controller.endsWith("IdentityProvider")) metrics.orphaned.inc({ kind: controller }, 0);
  }
  for (const priority of WORK_CLASSES) metrics.queueDepth.set({ name: "m2m", controller: "m2m", priority }, 0);
  return metrics;
}

export type Metrics = ReturnType<typeof createMetrics>;
