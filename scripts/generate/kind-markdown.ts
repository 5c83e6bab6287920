import { type KindDefinition, type KindName } from "../../src/kinds/registry.ts";
import { fieldTables } from "./field-rows.ts";
import { type Structural, structuralSchema } from "./structural.ts";

type Meaning = readonly [name: string, meaning: string];

const PROGRESS: readonly Meaning[] = [
  ["Ready", "The tenant and the cluster match the spec, as the operator last read them. Always present."],
  ["Reconciling", "The operator works, or waits and continues by itself. Present only while true."],
  ["Stalled", "A person must act on this object or its tenant. Present only while true."],
];

const PROVIDER_CONDITIONS: readonly Meaning[] = [
  ["Authenticated", "A real call with the operator's credential succeeded."],
  [
    "AllOwned",
    "Every object at the tenant with the mark of this installation belongs to a resource. Otherwise the message names the objects.",
  ],
];

/** Conditions of a kind beside those of progress. */
const CONDITIONS: Readonly<Record<KindDefinition["kind"], readonly Meaning[]>> = {
  ClusterIdentityProvider: PROVIDER_CONDITIONS,
  IdentityProvider: PROVIDER_CONDITIONS,
  OAuthApi: [],
  M2MClient: [
    ["Issued", "The provider holds the published credential."],
    ["Verified", "The operator obtained a token with the published credential, and the token is correct."],
  ],
  ScopeGrant: [
    ["ScopesGranted", "Every requested scope is granted. Otherwise the message names the scopes that are not."],
    ["Overridden", "Policies of others at the provider take precedence over the grant. Present only while true."],
  ],
  ChangePreview: [["Ready", "True once the preview is finished. False: the message says why there is no preview."]],
};

const EVERY_ANNOTATION: readonly Meaning[] = [
  ["paused", '"true" stops everything except deletion and the removal of access that consent no longer allows.'],
  [
    "reconcile-requested-at",
    "A new value, for example the time, makes the operator read the tenant again immediately.",
  ],
];

const CONFIRM: Meaning = [
  "confirm-revocations",
  "Confirms the deletion of grants that the object no longer consents to, although they are more than `--max-revocations`. The value stands for exactly these grants. `status.pendingConfirmations` shows it.",
];

const OBSERVE_ONLY: Meaning = [
  "observe-only",
  '"true": the operator only observes this resource, and removes only access that consent no longer allows. The condition `Ready` shows what it would do.',
];

const ORPHANS: Meaning = [
  "confirm-orphans",
  "Confirms the deletion of objects at the tenant that belong to no resource. The value stands for exactly these objects. `status.pendingConfirmations` shows it.",
];

/** Annotations that a kind acts on beside those that every kind does. */
const ANNOTATIONS: Readonly<Record<KindName, readonly Meaning[]>> = {
  ClusterIdentityProvider: [CONFIRM, ORPHANS],
  IdentityProvider: [CONFIRM, ORPHANS],
  OAuthApi: [
    OBSERVE_ONLY,
    CONFIRM,
    ["force-delete", '"true": the deletion does not wait for grants that others created.'],
  ],
  M2MClient: [
    OBSERVE_ONLY,
    [
      "rotate-requested-at",
      "A new value, for example the time, requests one new credential. See [rotate](../how-to/rotate.md).",
    ],
    [
      "compromised-at",
      "A time (RFC 3339). The operator revokes every credential created before it, without waiting for anything.",
    ],
  ],
  ScopeGrant: [OBSERVE_ONLY],
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
      ...(rules.length === 0 ? [] : [`## Validation rules\n\n${rules.map((rule) => `- ${rule}`).join("\n")}`]),
      `## Conditions\n\nTheir reasons and what to do are in [conditions](conditions.md).\n\n${meanings("Condition", [...(kind === "ChangePreview" ? [] : PROGRESS), ...CONDITIONS[kind]])}`,
      ...(kind === "ChangePreview" ? [] : [annotationsOf(kind)]),
      `## Status\n\n${fieldTables(properties["status"] ?? {}, "status")}`,
      "Generated from the schema by `npm run generate`.",
    ].join("\n\n") + "\n"
  );
}

const annotationsOf = (kind: KindName): string =>
  `## Annotations\n\nEach begins with \`m2m-operator.io/\`.\n\n${meanings("Annotation", [...EVERY_ANNOTATION, ...ANNOTATIONS[kind]])}`;

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
