import type { ChangePreview, PreviewStep } from "../../src/kinds/change-preview/schema.ts";
import { counted } from "../counted.ts";

/** The preview of one namespace. */
export interface NamespacePlan {
  readonly namespace: string;
  readonly outcome: "NoChanges" | "Changes" | "Refused";
  readonly steps: readonly PreviewStep[];
  readonly omittedSteps: number;
  /** Resources that the operator would refuse. */
  readonly refused: readonly { readonly object: string; readonly reason: string; readonly message: string }[];
  /** Why the steps are not all of them. */
  readonly warning: string | undefined;
}

/** What applying would do, of all namespaces. */
export interface Plan {
  readonly outcome: NamespacePlan["outcome"];
  readonly namespaces: readonly NamespacePlan[];
  readonly skipped: readonly string[];
}

/** The plan in a finished preview; a text that says why there is none. */
export function planOf({ metadata, status }: Pick<ChangePreview, "metadata" | "status">): NamespacePlan | string {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  const { outcome, steps = [], omittedSteps = 0, objects } = status ?? {};
  if (outcome === undefined) return ready?.message ?? "The operator gave no reason.";
  const refused = refusedOf(objects);
  const warning = warningOf(ready?.message ?? "", refused.length, status);
  return { namespace: metadata.namespace ?? "", outcome, steps, omittedSteps, refused, warning };
}

/** What would be refused comes first: where nothing else is shown, there may be more of it. */
function warningOf(
  message: string,
  refused: number,
  { objects = [], omittedObjects = 0 }: NonNullable<ChangePreview["status"]> = {},
): string | undefined {
  const mayHide = omittedObjects > 0 && refused > 0 && refused === objects.length;
  const warnings = [
    ...(message.includes("not complete") ? [message] : []),
    ...(mayHide ? [`${counted(omittedObjects, "further resource is", "further resources are")} not shown.`] : []),
  ];
  return warnings.length === 0 ? undefined : warnings.join(" ");
}

const refusedOf = (objects: NonNullable<ChangePreview["status"]>["objects"] = []): NamespacePlan["refused"] =>
  objects
    .filter((object) => object.refused === true)
    .map(({ object, reason = "", message = "" }) => ({ object, reason, message }));

const ORDER = ["NoChanges", "Changes", "Refused"] as const;

/** The worst outcome counts. */
export function wholePlan(namespaces: readonly NamespacePlan[], skipped: readonly string[]): Plan {
  const worst = Math.max(0, ...namespaces.map(({ outcome }) => ORDER.indexOf(outcome)));
  return { outcome: ORDER[worst] ?? "NoChanges", namespaces, skipped };
}

/** How a value reads on its way from before to after. */
export function valueText({
  before,
  after,
}: {
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}): string {
  const shown = (value: string | undefined): string => (value === undefined ? "none" : value === "" ? '""' : value);
  return before === undefined ? shown(after) : `${shown(before)} → ${shown(after)}`;
}

/** One line that says how much there is. */
export function summaryText({ namespaces, outcome }: Plan): string {
  const steps = namespaces.flatMap((plan) => plan.steps);
  const omitted = namespaces.reduce((sum, plan) => sum + plan.omittedSteps, 0);
  const count = (target: PreviewStep["target"]): number => steps.filter((step) => step.target === target).length;
  const parts = [
    counted(count("Tenant"), "request to the tenant", "requests to the tenant"),
    counted(count("Secret"), "Secret write", "Secret writes"),
    counted(count("ConfigMap"), "ConfigMap write", "ConfigMap writes"),
    counted(
      steps.filter(({ destructive }) => destructive === true).length,
      "deletion or revocation",
      "deletions or revocations",
    ),
  ];
  if (outcome === "NoChanges") return "Applying would change nothing.";
  const rest = omitted > 0 ? ` ${counted(omitted, "further step is", "further steps are")} not shown.` : "";
  return `Applying would make ${parts.join(", ")}.${rest}`;
}
