import type { ChangePreviewSpec } from "../../kinds/change-preview/schema.ts";
import { PREVIEWED_KINDS } from "../../kinds/change-preview/schema.ts";
import { GROUP, KINDS } from "../../kinds/registry.ts";
import { LAST_APPLIED } from "../../ports/resource.ts";
import type { Change, ChangedKind, Manifest } from "./change.ts";

/** The change that a preview is about, or why there is none. */
export type ReadChange = { readonly change: Change } | { readonly problem: string };

/** Reads the manifests. Only what a person may write in this namespace counts: never a status, a UID or a finalizer. */
export function readChange(namespace: string, spec: ChangePreviewSpec): ReadChange {
  const apply: Manifest[] = [];
  for (const [index, text] of (spec.manifests ?? []).entries()) {
    const read = readManifest(namespace, text);
    if ("problem" in read) return { problem: `spec.manifests[${String(index)}]: ${read.problem}` };
    apply.push(read);
  }
  const remove = spec.delete ?? [];
  if (apply.length + remove.length === 0) return { problem: "spec names no resource. Add manifests, or delete." };
  const names = [...apply, ...remove].map(({ kind, name }) => `${kind} ${name}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined
    ? { change: { namespace, apply, remove } }
    : { problem: `spec names ${twice} twice. Name each resource once.` };
}

interface Document {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spec?: unknown;
}

function readManifest(namespace: string, text: string): Manifest | { readonly problem: string } {
  const document = parsed(text);
  if (document === undefined) return { problem: "it is not a JSON object. Write one resource as JSON." };
  const { apiVersion, kind, metadata = {}, spec } = document;
  const known = PREVIEWED_KINDS.find((one) => one === kind);
  if (known === undefined || !String(apiVersion).startsWith(`${GROUP}/`))
    return {
      problem: `it is none of ${PREVIEWED_KINDS.join(", ")} (${GROUP}). Remove it, or correct apiVersion and kind.`,
    };
  const { name, namespace: given = namespace, labels, annotations } = metadata;
  if (typeof name !== "string" || name === "") return { problem: `${known} without metadata.name. Add it.` };
  if (given !== namespace) return { problem: `${known} ${name} is in another namespace. Preview it there.` };
  const checked = schemaOf(known).safeParse({ spec });
  if (!checked.success)
    return {
      problem: `${known} ${name}: ${checked.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}. Correct it.`,
    };
  const { [LAST_APPLIED]: _applied, ...kept } = textsIn(annotations);
  return { kind: known, name, labels: textsIn(labels), annotations: kept, spec: checked.data["spec"] };
}

function schemaOf(kind: ChangedKind) {
  const definition = KINDS.find((one) => one.kind === kind);
  if (definition === undefined) throw new Error(`kind ${kind} is not registered`);
  return definition.schema;
}

function parsed(text: string): Document | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const textsIn = (members: unknown): Readonly<Record<string, string>> =>
  typeof members !== "object" || members === null
    ? {}
    : Object.fromEntries(
        Object.entries(members).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      );
