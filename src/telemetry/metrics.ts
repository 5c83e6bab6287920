import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { WORK_CLASSES } from "../controller/work-order.ts";

const RESULTS = ["success", "error", "requeue", "requeue_after"] as const;
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Every metric, with controller-runtime's names where it has one. Label values that are known begin at 0. */
export function createMetrics(controllers: readonly string[]) {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Histogram({ name, help, labelNames, registers, buckets: SECONDS });

  const metrics = {
    registry,
    reconcileTotal: counter("controller_runtime_reconcile_total", "Reconciliations by result.", [
      "controller",
      "result",
    ]),
    reconcileErrors: counter("controller_runtime_reconcile_errors_total", "Reconciliations that failed.", [
      "controller",
    ]),
    reconcilePanics: counter("controller_runtime_reconcile_panics_total", "Reconciliations that threw.", [
      "controller",
    ]),
    reconcileSeconds: histogram("controller_runtime_reconcile_time_seconds", "Duration of reconciliations.", [
      "controller",
    ]),
    activeWorkers: gauge("controller_runtime_active_workers", "Workers that are busy.", ["controller"]),
    maxWorkers: gauge("controller_runtime_max_concurrent_reconciles", "Workers there are.", ["controller"]),
    queueDepth: gauge("workqueue_depth", "Keys that wait, by priority.", ["name", "controller", "priority"]),
    queueAdds: counter("workqueue_adds_total", "Keys that were added.", ["name", "controller"]),
    queueRetries: counter("workqueue_retries_total", "Keys that were added after a pause.", ["name", "controller"]),
    queueSeconds: histogram("workqueue_queue_duration_seconds", "How long keys waited.", ["name", "controller"]),
    leader: gauge("leader_election_master_status", "1 while this process leads.", ["name"]),
    kubeRequests: counter("rest_client_requests_total", "Requests to the API server.", ["code", "method", "host"]),
    providerRequests: counter("m2m_operator_provider_requests_total", "Requests to tenants.", [
      "tenant",
      "method",
      "code",
    ]),
    providerSeconds: histogram("m2m_operator_provider_request_seconds", "Duration of requests to tenants.", [
      "tenant",
      "method",
    ]),
    governorWaiting: gauge("m2m_operator_governor_waiting", "Requests that wait for a tenant's limit.", [
      "tenant",
      "class",
    ]),
    governorThrottled: gauge("m2m_operator_governor_throttled_total", "Requests that a tenant answered with 429.", [
      "tenant",
    ]),
    lookAge: gauge("m2m_operator_oldest_look_age_seconds", "Age of the oldest reading that answers rest on.", [
      "tenant",
    ]),
    credentialAge: gauge("m2m_operator_credential_age_seconds", "Age of a client's credential in force.", [
      "namespace",
      "name",
    ]),
    rotationOverdue: gauge(
      "m2m_operator_rotation_overdue_seconds",
      "For how long a rotation has been due; 0 while it is not.",
      ["namespace", "name"],
    ),
    retiringWaiting: gauge(
      "m2m_operator_retiring_credentials_waiting",
      "1 per Pod that keeps a client's old credential alive.",
      ["namespace", "name", "pod"],
    ),
    rotationFailures: counter("m2m_operator_rotation_failures_total", "Rotations that could not go on.", [
      "namespace",
      "name",
    ]),
    orphaned: counter("m2m_operator_orphaned_total", "Remote objects that had to be left behind.", ["kind"]),
    actions: counter("m2m_operator_actions_total", "Actions that were carried out.", ["controller", "action"]),
  };
  for (const controller of controllers) {
    for (const result of RESULTS) metrics.reconcileTotal.inc({ controller, result }, 0);
    metrics.reconcileErrors.inc({ controller }, 0);
    metrics.reconcilePanics.inc({ controller }, 0);
  }
  for (const priority of WORK_CLASSES) metrics.queueDepth.set({ name: "m2m", controller: "m2m", priority }, 0);
  return metrics;
}

export type Metrics = ReturnType<typeof createMetrics>;
