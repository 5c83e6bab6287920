import { type KindDefinition, type KindName } from "../../src/kinds/registry.ts";
import { fieldTables } from "./field-rows.ts";
import { type Structural, structuralSchema } from "./structural.ts";

type Meaning = readonly [name: string, meaning: string];

const PROGRESS: readonly Meaning[] = [
  ["Ready", "The last read of the tenant and the cluster matches the complete spec. Always present."],
  ["Reconciling", "The operator works, or waits and continues by itself. Present only while true."],
  ["Stalled", "A person must act on this object or its tenant. Present only while true."],
];

const PROVIDER_CONDITIONS: readonly Meaning[] = [
  ["Authenticated", "A call to the tenant succeeded with the operator's credential."],
  [
    "AllOwned",
    "Every object at the tenant with the mark of this installation has a resource. If false, the message names the others.",
  ],
];

/** Conditions of a kind beside those of progress. */
const CONDITIONS: Readonly<Record<KindName, readonly Meaning[]>> = {
  ClusterIdentityProvider: PROVIDER_CONDITIONS,
  IdentityProvider: PROVIDER_CONDITIONS,
  OAuthApi: [],
  M2MClient: [
    ["Issued", "The provider holds the published credential."],
    [
      "Verified",
      "The operator requested a token with the credential, and signature, issuer, audience and scopes are correct.",
    ],
  ],
  ScopeGrant: [
    ["ScopesGranted", "All requested scopes are granted. If false, the message names the others."],
    ["Overridden", "A policy that somebody else created at the provider is evaluated first. Present only while true."],
  ],
};

const EVERY_ANNOTATION: readonly Meaning[] = [
  ["paused", '"true" pauses reconciliation, except for deletion and for the removal of withdrawn access.'],
  ["reconcile-requested-at", "A new value, such as the time, makes the operator read the tenant immediately."],
];

const CONFIRM: Meaning = [
  "confirm-revocations",
  "Confirms the deletion of more than `--max-revocations` grants without consent. The condition `Ready` of the grants shows the value to set.",
];

const ORPHANS: Meaning = [
  "confirm-orphans",
  "Confirms the deletion of objects at the tenant that have no resource. The condition `AllOwned` shows the value to set.",
];

/** Annotations that a kind acts on beside those that every kind does. */
const ANNOTATIONS: Readonly<Record<KindName, readonly Meaning[]>> = {
  ClusterIdentityProvider: [CONFIRM, ORPHANS],
  IdentityProvider: [CONFIRM, ORPHANS],
  OAuthApi: [CONFIRM, ["force-delete", '"true": deletion does not wait until grants of others are removed.']],
  M2MClient: [
    ["rotate-requested-at", "A new value, such as the time, starts one rotation. See [rotate](../how-to/rotate.md)."],
    ["compromised-at", "A time (RFC 3339). The operator replaces and revokes every older credential immediately."],
  ],
  ScopeGrant: [],
};

/** The page of one kind: names, an example, fields, rules, conditions and annotations. */
export function kindMarkdown(definition: KindDefinition, example: string): string {
  const { kind, description, schema, shortNames, plural, scope } = definition;
  const { properties = {} } = structuralSchema(schema);
  const spec = properties["spec"] ?? {};
  const rules = rulesOf(spec, "spec");
  const where = scope === "Cluster" ? "the whole cluster" : "a namespace";
  return (
    [
      `# ${kind}`,
      description,
      `In kubectl: \`${plural}\`, ${shortNames.map((name) => `\`${name}\``).join(", ")}, or \`m2m\` for every kind. It belongs to ${where}.`,
      `## Example\n\n\`\`\`yaml\n${example.trimEnd()}\n\`\`\``,
      `## Spec\n\n${fieldTables(spec, "spec")}`,
      ...(rules.length === 0
        ? []
        : [`## What the API server refuses\n\n${rules.map((rule) => `- ${rule}`).join("\n")}`]),
      `## Conditions\n\nTheir reasons and what to do are in [conditions](conditions.md).\n\n${meanings("Condition", [...PROGRESS, ...CONDITIONS[kind]])}`,
      `## Annotations\n\nEach begins with \`m2m-operator.io/\`.\n\n${meanings("Annotation", [...EVERY_ANNOTATION, ...ANNOTATIONS[kind]])}`,
      `## Status\n\n${fieldTables(properties["status"] ?? {}, "status")}`,
      "Generated from the schema by `npm run generate`.",
    ].join("\n\n") + "\n"
  );
}

const table = (head: readonly string[], rows: readonly string[]): string =>
  [`| ${head.join(" | ")} |`, `| ${head.map(() => "---").join(" | ")} |`, ...rows].join("\n");

const meanings = (heading: string, rows: readonly Meaning[]): string =>
  table(
    [heading, "Meaning"],
    rows.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
  );

/** What the rules say, each with its field, in the order of the fields. */
function rulesOf(schema: Structural, path: string): readonly string[] {
  const own = (schema["x-kubernetes-validations"] as readonly { readonly message: string }[] | undefined) ?? [];
  const items = schema["items"] as Structural | undefined;
  return [
    ...own.map(({ message }) => `\`${path}\`: ${message}`),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => rulesOf(child, `${path}.${name}`)),
    ...(items === undefined ? [] : rulesOf(items, `${path}[]`)),
  ];
}
