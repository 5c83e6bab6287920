import { PREVIEWED_KINDS } from "../../src/kinds/change-preview/schema.ts";
import { GROUP } from "../../src/kinds/registry.ts";
import { LAST_APPLIED } from "../../src/ports/resource.ts";

/** An object as the API server would store it. */
export interface AppliedObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: Readonly<Record<string, unknown>> & {
    readonly name?: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

/** The change of one namespace. */
export interface NamespaceChange {
  readonly namespace: string;
  /** JSON texts. */
  readonly manifests: readonly string[];
  readonly delete: readonly { readonly kind: string; readonly name: string }[];
}

export interface ChangeRequest {
  readonly changes: readonly NamespaceChange[];
  /** Objects that are none of the operator's, or that cannot be previewed, for people. */
  readonly skipped: readonly string[];
}

/** The objects in an answer of `kubectl apply -o json`: one, or a list. */
export function objectsIn(answer: string): readonly AppliedObject[] {
  if (answer.trim() === "") return [];
  const value = JSON.parse(answer) as AppliedObject & { readonly items?: readonly AppliedObject[] };
  return value.kind === "List" ? (value.items ?? []) : [value];
}

type Named = { readonly kind: string; readonly name: string };

/** Sorts the objects by namespace. Deletions are in the namespace of the command line. */
export function changesOf(
  objects: readonly AppliedObject[],
  deletions: readonly Named[],
  namespace: string,
): ChangeRequest {
  const changes = new Map<string, { manifests: string[]; delete: Named[] }>();
  const skipped: string[] = [];
  const changeIn = (name: string) => {
    const known = changes.get(name) ?? { manifests: [], delete: [] };
    changes.set(name, known);
    return known;
  };
  for (const object of objects) {
    const { kind = "", metadata = {} } = object;
    if (isPreviewed(object))
      changeIn(metadata.namespace ?? namespace).manifests.push(JSON.stringify(manifestOf(object)));
    else skipped.push(`${kind} ${metadata.name ?? ""}`);
  }
  if (deletions.length > 0) changeIn(namespace).delete.push(...deletions);
  return { changes: [...changes].map(([name, change]) => ({ namespace: name, ...change })), skipped };
}

const isPreviewed = ({ apiVersion = "", kind = "" }: AppliedObject): boolean =>
  apiVersion.startsWith(`${GROUP}/`) && (PREVIEWED_KINDS as readonly string[]).includes(kind);

/** Only what a person may write, so that as many as possible fit into one preview. */
function manifestOf({ apiVersion, kind, metadata = {}, spec }: AppliedObject): object {
  const { name, namespace, labels, annotations } = metadata;
  const { [LAST_APPLIED]: _applied, ...own } = annotations ?? {};
  const written = Object.keys(own).length === 0 ? {} : { annotations: own };
  return { apiVersion, kind, metadata: { name, namespace, labels, ...written }, spec };
}
