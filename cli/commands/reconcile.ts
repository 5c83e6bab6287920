import type { Command } from "commander";
import { ANNOTATIONS } from "../../src/kinds/schema/annotations.ts";
import { pauseProgress, reconcileProgress, resumeProgress } from "../annotations/progress.ts";
import type { AnyResource } from "../cluster/objects.ts";
import { targetOf } from "../cluster/kinds.ts";
import { formatOption } from "../terminal/formats.ts";
import { type AnnotationRequest, request, type RequestOptions } from "./request.ts";
import { onCluster, type Services } from "./services.ts";
import { withWaiting } from "./wait-options.ts";

interface Definition {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** End of "Wait until …". */
  readonly waitsUntil: string;
  readonly request: (now: Date) => Omit<AnnotationRequest<AnyResource>, "target">;
}

const DEFINITIONS: readonly Definition[] = [
  {
    name: "reconcile",
    summary: "Read the tenant again now",
    description:
      "Requests that the operator reads the tenant again for this resource: the annotation m2m-operator.io/reconcile-requested-at.",
    waitsUntil: "the operator handled the request and the resource is Ready",
    request: (now) => ({
      annotations: { [ANNOTATIONS.reconcileRequestedAt]: now.toISOString() },
      requested: "a reconciliation is requested.",
      progressOf: reconcileProgress,
    }),
  },
  {
    name: "pause",
    summary: "Pause reconciliation",
    description:
      "Pauses reconciliation of a resource: the annotation m2m-operator.io/paused. Deletion and the removal of access that consent no longer allows continue.",
    waitsUntil: "the operator reports the pause",
    request: () => ({
      annotations: { [ANNOTATIONS.paused]: "true" },
      requested: "reconciliation is to pause.",
      progressOf: pauseProgress,
    }),
  },
  {
    name: "resume",
    summary: "Resume reconciliation",
    description: "Resumes reconciliation of a paused resource: removes the annotation m2m-operator.io/paused.",
    waitsUntil: "the resource is Ready",
    request: () => ({
      annotations: { [ANNOTATIONS.paused]: null },
      requested: "reconciliation is to resume.",
      progressOf: resumeProgress,
    }),
  },
];

/** `reconcile`, `pause` and `resume`: for every kind. */
export function addReconcileCommands(program: Command, services: Services): void {
  for (const { name, summary, description, waitsUntil, request: requestAt } of DEFINITIONS)
    withWaiting(program.command(name), waitsUntil)
      .argument("<kind/name>", "Kind and name of the resource, for example m2mclient/billing.")
      .summary(summary)
      .description(description)
      .addOption(formatOption())
      .action(
        onCluster<RequestOptions>(services, (session, options, text = "") =>
          request(session, { target: targetOf(text), ...requestAt(session.now()) }, options),
        ),
      );
}
