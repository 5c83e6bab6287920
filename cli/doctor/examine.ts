import { type Check, type Hit, SEVERITIES, type Severity } from "./check.ts";
import { CHECKS } from "./checks.ts";
import { FACTS, type Facts } from "./facts.ts";
import type { Subject } from "./subject.ts";

/** What stands before the name of a check in the annotation that dismisses it. The value is the reason. */
export const DISMISSAL_PREFIX = "doctor.m2m-operator.io/";

export interface Finding {
  readonly check: string;
  readonly severity: Severity;
  readonly object: { readonly kind: string; readonly namespace?: string; readonly name: string };
  readonly why: string;
  readonly todo: string;
  /** Reason of the dismissal. Absent: not dismissed. */
  readonly dismissed?: string;
}

export interface Report {
  /** Most severe first. */
  readonly findings: readonly Finding[];
  /** What could not be checked, and why. */
  readonly notChecked: readonly string[];
}

/** Runs every check that has its facts. */
export function examine(facts: Facts, checks: readonly Check[] = CHECKS): Report {
  const missing = new Set(facts.gaps.map(({ fact }) => fact));
  const runnable = checks.filter(({ needs }) => !needs.some((fact) => missing.has(fact)));
  const findings = runnable.flatMap((check) => check.find(facts).map((hit) => findingOf(check, hit)));
  const rank = ({ severity }: Finding): number => SEVERITIES.indexOf(severity);
  return {
    findings: findings.toSorted((one, other) => rank(one) - rank(other)),
    notChecked: [...gapNotes(facts, checks), ...runnable.flatMap((check) => unjudgedNotes(check, facts))],
  };
}

function findingOf({ name, severity, todo }: Check, { on, why }: Hit): Finding {
  const { kind, metadata } = on;
  const annotation = metadata.annotations?.[`${DISMISSAL_PREFIX}${name}`];
  const reason = annotation?.trim() ?? "";
  const object = {
    kind,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    name: metadata.name,
  };
  const finding = { check: name, severity, object, why, todo };
  if (reason !== "") return { ...finding, dismissed: reason };
  if (annotation === undefined) return finding;
  return {
    ...finding,
    why: `${why} The annotation ${DISMISSAL_PREFIX}${name} has no reason, and so dismisses nothing.`,
  };
}

/** One for each fact that could not be read, with the checks that need it. */
function gapNotes({ gaps }: Facts, checks: readonly Check[]): readonly string[] {
  return gaps.flatMap(({ fact, why }) => {
    const names = checks.filter(({ needs, wants = [] }) => [...needs, ...wants].includes(fact)).map(({ name }) => name);
    return names.length === 0 ? [] : [`not checked: ${names.join(", ")}: ${FACTS[fact]} (${why})`];
  });
}

const nameOf = ({ kind, metadata: { namespace, name } }: Subject): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;

const unjudgedNotes = (check: Check, facts: Facts): readonly string[] =>
  (check.unjudged?.(facts) ?? []).map(({ on, why }) => `not checked: ${check.name}: ${nameOf(on)} (${why})`);

/** Whether a finding that nobody dismissed is at least this severe. */
export const isFailing = ({ findings }: Report, failOn: Severity): boolean =>
  findings.some(
    ({ dismissed, severity }) => dismissed === undefined && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn),
  );
