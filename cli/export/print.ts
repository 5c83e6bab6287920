import { counted } from "../counted.ts";
import { stringify } from "yaml";
import type { Export } from "./export.ts";
import type { Manifest, Remark } from "./manifest.ts";

/** What the top of the output says beside the remarks. */
export interface Origin {
  /** For people: where it was read. */
  readonly source: string;
  /** Number of clients that people log in through. */
  readonly loginClients: number;
  /** What the user excluded; `undefined` where that is nothing. */
  readonly excluded: string | undefined;
}

const SHARED =
  "shareCredential: true in spec.allow lets the operator publish the present client secrets in these namespaces. " +
  "Anyone who may read Secrets there can read them.";

/** `3 OAuthApis, 1 M2MClient`. */
export function countsText({ manifests }: Export): string {
  return ["OAuthApi", "M2MClient", "ScopeGrant"]
    .map((kind) => counted(manifests.filter((one) => one.kind === kind).length, kind))
    .join(", ");
}

/** One line without control characters: names come from a tenant. */
export const plainText = (text: string): string => text.replaceAll(/[\s\p{C}]+/gu, " ");

/** Comments that name everything that the manifests do not say. */
export function headerText(exported: Export, { source, loginClients, excluded }: Origin): string {
  const of = (kind: Remark["kind"]): readonly string[] =>
    exported.remarks.filter((remark) => remark.kind === kind).map(({ text }) => `- ${text}`);
  const isShared = exported.manifests.some(({ kind }) => kind === "M2MClient");
  const lines = [
    `Exported by kubectl m2m export from ${source}.`,
    `${countsText(exported)}. ${counted(loginClients, "client")} that people log in through: not exported.`,
    ...(excluded === undefined ? [] : [`Excluded with --exclude: ${excluded}.`]),
    ...(isShared ? [SHARED] : []),
    ...section("Not in these manifests", of("beyond")),
    ...section("Notes", of("note")),
  ];
  return lines.map((line) => `# ${plainText(line)}`.trimEnd()).join("\n");
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", `${title} (${String(lines.length)}):`, ...lines];

/** Lines are as long as their values: nothing in them depends on a width. */
const yamlOf = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });

/** All manifests as one stream. */
export const streamText = (exported: Export, origin: Origin): string =>
  [headerText(exported, origin), ...exported.manifests.map((manifest) => yamlOf(manifest).trimEnd())].join("\n---\n") +
  "\n";

/** All manifests as one list. */
export const listText = ({ manifests }: Export): string =>
  `${JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests }, null, 2)}\n`;

/** One file for each manifest, and a kustomization.yaml that names them. By path. */
export function filesOf(exported: Export, origin: Origin): ReadonlyMap<string, string> {
  const files = exported.manifests.map((manifest) => [pathOf(manifest), yamlOf(manifest)] as const);
  const kustomization = yamlOf({
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: files.map(([path]) => path),
  });
  return new Map([["kustomization.yaml", `${headerText(exported, origin)}\n${kustomization}`], ...files]);
}

const pathOf = ({ kind, metadata: { namespace, name } }: Manifest): string =>
  `${namespace === undefined ? "" : `${namespace}/`}${kind.toLowerCase()}-${name}.yaml`;
