import { type Condition, conditionOf } from "../../controller/conditions.ts";
import type { Resource } from "../../ports/resource.ts";
import type { KindContext } from "../kind-context.ts";
import type { Reason } from "./reasons.ts";

/** Records an event about Ready when people would want to find it later. */
export function announceNews(
  context: Pick<KindContext, "events" | "now">,
  resource: Resource,
  previous: readonly Condition[],
  conditions: readonly Condition[],
): void {
  const after = conditionOf(conditions, "Ready");
  if (after === undefined || !isNews(previous, conditions, context.now())) return;
  context.events.record(resource, isTrouble(conditions) ? "Warning" : "Normal", after.reason, after.message);
}

/** A wait that lasted at least this long gets an event when it ends, in milliseconds. */
const NOTICED_MS = 30_000;

/**
 * Whether people want to find it among the events later: trouble and its end, another thing to do, a resource that is no
 * longer Ready, and the end of a wait that somebody may have noticed. What becomes Ready without trouble is in status and
 * nowhere else, so that a thousand resources that are applied at once do not make a thousand events.
 */
function isNews(previous: readonly Condition[], next: readonly Condition[], now: Date): boolean {
  const [before, after] = [conditionOf(previous, "Ready"), conditionOf(next, "Ready")];
  const [was, is] = [isTrouble(previous), isTrouble(next)];
  // A wait that has become a matter for a person has the same reason as before.
  if (was === is && before?.reason === after?.reason && before?.status === after?.status)
    return isAnotherMatter(conditionOf(previous, "Stalled"), conditionOf(next, "Stalled"));
  if (was || is) return true;
  return before !== undefined && (before.status === "True" || isNoticed(before, now));
}

const isNoticed = ({ status, lastTransitionTime }: Condition, now: Date): boolean =>
  status === "False" && now.getTime() - Date.parse(lastTransitionTime) >= NOTICED_MS;

/** Failures that the operator retries by itself, and that need a person only if they last. */
const TROUBLE: ReadonlySet<string> = new Set<Reason>([
  ...["ProgressingWithRetry", "NoProgress", "ProviderUnavailable", "VerificationFailed"],
] as Reason[]);

function isTrouble(conditions: readonly Condition[]): boolean {
  const isStalled = conditions.some((condition) => condition.type === "Stalled");
  return isStalled || TROUBLE.has(conditionOf(conditions, "Ready")?.reason ?? "");
}

/**
 * A person has something else to do than before. While nobody edits the spec, a message that differs in times, in numbers
 * or in the order of names alone is the same: it changes by itself.
 */
function isAnotherMatter(before: Condition | undefined, after: Condition | undefined): boolean {
  if (before === undefined || after === undefined || before.message === after.message) return false;
  // A deletion names what is left, one less each time.
  if (after.reason === "Deleting") return false;
  return before.observedGeneration !== after.observedGeneration || !isSameMatter(before.message, after.message);
}

/** Whether two messages differ in times, in numbers or in the order of names alone. */
export const isSameMatter = (left: string, right: string): boolean => matterOf(left) === matterOf(right);

function matterOf(message: string): string {
  const words = message.split(/[\s,;()]+/).map((word) => word.replace(/[.:]+$/, ""));
  return [...new Set(words.filter((word) => !CHANGES_BY_ITSELF.test(word)))].sort().join(" ");
}

/** A number, a duration or a time (RFC 3339). */
const CHANGES_BY_ITSELF = /^\d[\d.:hmsTZ+-]*$/;
