import type { FieldChange } from "./field-changes.ts";

/** The object of the operator whose reconciliation takes a step. */
export interface StepOwner {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export type StepTarget = "Tenant" | "Secret" | "ConfigMap" | "Status" | "Resource";

/** One thing that applying a change would do. */
export interface Step {
  readonly owner: StepOwner;
  readonly target: StepTarget;
  /** Such as `create client`. */
  readonly action: string;
  /** What the step is about, for people: a remote object, or `namespace/name`. */
  readonly subject: string;
  readonly changes: readonly FieldChange[];
  /** It deletes, revokes or narrows something. */
  readonly isDestructive: boolean;
}

/** Steps in the order in which they are taken. Writes of one status count as one, where the last of them is. */
export interface StepList {
  add(step: Step): void;
  /** `before` is what the first write of this status found. */
  addStatus(owner: StepOwner, before: unknown, after: unknown): void;
  list(diff: (before: unknown, after: unknown) => FieldChange[]): readonly Step[];
}

interface StatusEntry {
  readonly owner: StepOwner;
  readonly before: unknown;
  readonly after: unknown;
}

type Entry = { readonly step: Step } | { readonly status: StatusEntry };

/** An empty list. */
export function createStepList(): StepList {
  const entries = new Map<string, Entry>();
  let count = 0;
  return {
    add: (step) => {
      entries.set(`step ${String(++count)}`, { step });
    },
    addStatus: (owner, before, after) => {
      const key = `status ${owner.kind}/${owner.namespace}/${owner.name}`;
      const known = entries.get(key);
      entries.delete(key);
      const first = known !== undefined && "status" in known ? known.status.before : before;
      entries.set(key, { status: { owner, before: first, after } });
    },
    list: (diff) =>
      [...entries.values()].flatMap((entry): Step[] => {
        if ("step" in entry) return [entry.step];
        const { owner, before, after } = entry.status;
        const changes = diff(before, after);
        const subject = `${owner.namespace}/${owner.name}`;
        const rest = { target: "Status", action: "update status", subject, isDestructive: false } as const;
        return changes.length === 0 ? [] : [{ owner, changes, ...rest }];
      }),
  };
}
