import { confirmingCommand } from "../annotations/confirmations.ts";
import { conditionOf, type Condition } from "../../src/controller/conditions.ts";
import { REASONS } from "../../src/kinds/status/reasons.ts";
import type { BaseStatus } from "../../src/kinds/status/report.ts";
import type { Resource } from "../../src/ports/resource.ts";

type AnyResource = Resource<unknown, BaseStatus>;

/** How a resource is, in one word. */
export type StateWord = "Ready" | "Reconciling" | "Stalled" | "Paused" | "Pending" | "Deleting";

/** Something that is wrong, or that a person should know. */
export interface Finding {
  readonly reason: string;
  readonly message: string;
  /** The one thing to do. `undefined`: nothing, or the message says it. */
  readonly action: string | undefined;
}

export interface State {
  readonly word: StateWord;
  /** What is wrong. Empty while everything is as specified. */
  readonly findings: readonly Finding[];
}

/** How the resource is, and what its conditions say is wrong. */
export function stateOf(resource: AnyResource): State {
  const { conditions = [] } = resource.status ?? {};
  const word = wordOf(resource);
  const ready = conditionOf(conditions, "Ready");
  const main = word === "Ready" || ready === undefined ? [] : [findingOf(resource, ready)];
  const others = conditions.filter(isTrouble).map((condition) => findingOf(resource, condition));
  // Several conditions may say the same.
  const all = [...main, ...others];
  return {
    word,
    findings: all.filter(({ message }, index) => all.findIndex((one) => one.message === message) === index),
  };
}

function wordOf({ metadata, status }: AnyResource): StateWord {
  const { conditions = [] } = status ?? {};
  const ready = conditionOf(conditions, "Ready");
  if (metadata.deletionTimestamp !== undefined) return "Deleting";
  if (ready === undefined || ready.reason === "Pending") return "Pending";
  if (ready.reason === "Paused") return "Paused";
  if (conditionOf(conditions, "Stalled")?.status === "True") return "Stalled";
  // A spec that the operator has not seen makes the rest of the status old.
  const isCurrent = status?.observedGeneration === metadata.generation;
  return ready.status === "True" && isCurrent ? "Ready" : "Reconciling";
}

/** Conditions that are True while something is wrong. Ready, Reconciling and Stalled are the state itself. */
const TRUE_IS_TROUBLE: ReadonlySet<string> = new Set(["RevocationsHeld", "Overridden", "RotationPending"]);
const STATES: ReadonlySet<string> = new Set(["Ready", "Reconciling", "Stalled"]);

function isTrouble({ type, status }: Condition): boolean {
  if (STATES.has(type)) return false;
  return status === (TRUE_IS_TROUBLE.has(type) ? "True" : "False");
}

const NOTHING_TO_DO: ReadonlySet<string> = new Set(["Nothing.", "Wait."]);

function findingOf(resource: AnyResource, { reason, message }: Condition): Finding {
  const command = confirmingCommand(resource, message);
  if (command !== undefined) return { reason, message, action: `If you want that: ${command}` };
  const remedy = Object.hasOwn(REASONS, reason) ? REASONS[reason as keyof typeof REASONS][1] : undefined;
  return { reason, message, action: remedy === undefined || NOTHING_TO_DO.has(remedy) ? undefined : remedy };
}
