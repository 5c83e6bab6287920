import type { PreviewStep } from "../../src/kinds/change-preview/schema.ts";
import { type NamespacePlan, type Plan, summaryText, valueText } from "./result.ts";

/** Colours a part of a text. */
export type Paint = (style: "bold" | "red" | "reset", text: string) => string;

/** The plan for a terminal: every step in order, what is deleted or revoked once more, and what would be refused. */
export function planText(plan: Plan, paint: Paint): string {
  return [...plan.namespaces.map((one) => namespaceText(one, paint)), summaryText(plan)].join("\n\n");
}

function namespaceText(plan: NamespacePlan, paint: Paint): string {
  const destructive = plan.steps.filter((step) => step.destructive === true);
  return [
    paint("bold", `Namespace ${plan.namespace}`),
    ...(plan.steps.length === 0 ? ["  No changes."] : plan.steps.map((step) => stepText(step, paint))),
    ...(destructive.length === 0 ? [] : ["", paint("bold", "Deletions and revocations")]),
    ...destructive.map((step) => paint("red", `  - ${lineOf(step)}`)),
    ...(plan.refused.length === 0 ? [] : ["", paint("bold", "Would be refused")]),
    ...plan.refused.map(({ object, reason, message }) => paint("red", `  ! ${object}: ${reason}: ${message}`)),
    ...(plan.warning === undefined ? [] : ["", plan.warning]),
  ].join("\n");
}

function stepText(step: PreviewStep, paint: Paint): string {
  const changes = (step.changes ?? []).map((change) => `      ${change.field}: ${valueText(change)}`);
  return [paint(step.destructive === true ? "red" : "reset", `  ${signOf(step)} ${lineOf(step)}`), ...changes].join(
    "\n",
  );
}

function signOf({ action, destructive }: PreviewStep): string {
  if (destructive === true) return "-";
  return action.startsWith("create") || action.startsWith("add") ? "+" : "~";
}

/** Such as `Tenant: create client importer, for M2MClient billing/importer`. */
export const lineOf = ({ target, action, subject = "", object }: PreviewStep): string =>
  `${target}: ${action}${subject === "" ? "" : ` ${subject}`}, for ${object}`;
