/** What lifts the halts of every kind that publishes. */
export const OUTPUT_LIFTS = {
  SecretNotOwned: ["outputs", "self"],
  ConfigMapNotOwned: ["outputs", "self"],
} as const;

/** What was written last, as recorded in `status.outputs`. */
export interface OutputRecord {
  readonly kind: "Secret" | "ConfigMap";
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Digest of everything the content was rendered from, the credential represented by its Secret's version. */
  readonly renderedFrom: string;
  /** Version of the state Secret that the credential in it came from. */
  readonly credentials?: string | undefined;
  /** Since when another name is wanted in place of this one; RFC 3339. */
  readonly formerSince?: string | undefined;
}

/** One published object: what should be, what exists, and what was written last. */
export interface OutputView {
  readonly kind: "Secret" | "ConfigMap";
  readonly namespace: string;
  readonly name: string;
  /** Of the spec that names it, for messages: `spec.secret.name`. */
  readonly field: string;
  /** `takeOver`: ours by label and owner's name, made for an earlier resource of this name (a restore from backup). */
  readonly ownership: "none" | "ours" | "takeOver" | "foreign";
  /** Its controller, such as `M2MClient billing/job`; absent without one. */
  readonly controller?: string;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly record: OutputRecord | undefined;
  /** Digest of what it should be rendered from now. */
  readonly wanted: string;
}

export type OutputDecision =
  | { readonly kind: "current" }
  | { readonly kind: "publish"; readonly why: "Missing" | "Edited" | "Outdated" | "TakenOver" }
  | { readonly kind: "refused"; readonly reason: "SecretNotOwned" | "ConfigMapNotOwned"; readonly message: string };

/** Decides without reading any content: versions and digests say whether the object is what was written last. */
export function planOutput(view: OutputView): OutputDecision {
  switch (view.ownership) {
    case "foreign":
      return {
        kind: "refused",
        reason: view.kind === "Secret" ? "SecretNotOwned" : "ConfigMapNotOwned",
        message: takenText(view),
      };
    case "none":
      return { kind: "publish", why: "Missing" };
    case "takeOver":
      return { kind: "publish", why: "TakenOver" };
    case "ours":
      return planOurs(view);
  }
}

/** What belongs to somebody is theirs to delete. */
function takenText({ kind, namespace, name, field, controller }: OutputView): string {
  const object = `${kind} ${namespace}/${name}`;
  return controller === undefined
    ? `${object} exists, and the operator did not create it. Set another ${field}. Delete the ${kind} only if nobody uses it.`
    : `${object} belongs to ${controller}. Set another ${field}.`;
}

function planOurs(view: OutputView): OutputDecision {
  if (view.record === undefined || view.record.renderedFrom !== view.wanted)
    return { kind: "publish", why: "Outdated" };
  const isLastWritten = view.record.uid === view.uid && view.record.resourceVersion === view.resourceVersion;
  return isLastWritten ? { kind: "current" } : { kind: "publish", why: "Edited" };
}
