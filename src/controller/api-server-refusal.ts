/** What a refusal of the API server tells. Recognised by shape, so that no client is imported. */
export interface ApiServerError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly code: number;
  /** The answer's own word: NotFound, AlreadyExists, Conflict … */
  readonly reason: string;
  /** The object that was refused, where the answer names it. */
  readonly object?: { readonly kind: string; readonly name: string } | undefined;
}

export function isApiServerError(error: unknown): error is ApiServerError {
  return error instanceof Error && error.name === "KubeError" && typeof (error as ApiServerError).code === "number";
}

/** Invalid or immutable fields, quotas, admission policies and webhooks, missing permissions, objects that are too large. */
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 413, 422]);

/** Whether the API server answered that it will not do this as things are. */
export const isRefusal = ({ code }: ApiServerError): boolean => REFUSALS.has(code);

/** For people: what the API server said, and what to do about it. */
export function refusalMessage(error: ApiServerError): string {
  return `The API server refused a request: ${sentence(error.message)} ${adviceOn(error)}`;
}

function adviceOn({ code, message, object }: ApiServerError): string {
  if (code === 422 && /immutable/i.test(message) && object !== undefined)
    return `Delete ${object.kind} "${object.name}": the operator creates it again.`;
  if (/exceeded quota/i.test(message)) return "Raise the quota, or delete objects that count against it.";
  if (/ cannot \S+ resource /.test(message)) return "Grant the operator's service account this permission.";
  if (/admission|policy|webhook/i.test(message)) return "Change the policy, or what it refuses.";
  return "Change what this message names.";
}

/** With a full stop at its end. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
